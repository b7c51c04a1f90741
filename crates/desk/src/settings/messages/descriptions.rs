//! The names of placements and variables on the pages of messages.

use masthead_access::message::{Message, Moment, Placement, Variable};

/// What can be inserted into a message of this moment: the template and its meaning.
pub(super) fn chips(moment: Moment) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for variable in moment.variables() {
        let name = variable.name();
        all.push((format!("{{{{{name}}}}}"), meaning(*variable)));
        if variable.is_count() {
            let plural = format!(
                "{{{{#plural {name}}}}}{{{{one}}}}article{{{{other}}}}articles{{{{/plural}}}}"
            );
            all.push((plural, "“article” or “articles”, by that number"));
        }
    }
    all
}

fn meaning(variable: Variable) -> &'static str {
    match variable {
        Variable::NumberArticlesLeft => "how many articles are left",
        Variable::Allowance => "how many articles the meter allows",
        Variable::RegisteredAllowance => "how many it allows with an account",
        Variable::RegisteredMore => "how many more this reader could read with an account",
        Variable::Publication => "the publication’s name",
        Variable::Price => "the price of the offer, and what comes after",
        Variable::OfferEnds => "the last day of the offer",
        Variable::EndedOn => "the day of the end",
        Variable::PausedUntil => "the day on which the subscription resumes",
        Variable::ReaderName => "the reader’s name",
        Variable::ResetsOn => "the day on which the meter is full again",
    }
}

/// Where a placement is on the page.
pub(super) fn describe_placement(placement: Placement) -> &'static str {
    match placement {
        Placement::Banner => "slim, at the foot of the window; it can be closed",
        Placement::Inline => "after the text",
        Placement::Wall => "under the beginning of the article",
    }
}

/// The beginning of a message, for the list.
pub(crate) fn summary(message: &Message) -> String {
    let title = message.title.source();
    let text = message.text.source();
    let words = if title.is_empty() { text } else { format!("{title} {text}") };
    masthead_editorial::text::shorten(&words, 120).into_owned()
}
