//! `/desk/products`: what there is to subscribe to, what it includes, and what it costs.

mod faults;
mod form;
pub(crate) mod list;
pub(crate) mod product;
mod range;

use masthead_circulation::Channel;

pub(crate) use self::faults::catalogue_fault;
use crate::words::DeskWords;

fn channel_in_words(channel: Channel, words: DeskWords) -> &'static str {
    words.text(match channel {
        Channel::Web => "channel_web",
        Channel::App => "channel_app",
        Channel::Print => "channel_print",
        Channel::Newsletters => "channel_newsletters",
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::list::samples::render(rendered);
        super::product::samples::render(rendered);
    }
}
