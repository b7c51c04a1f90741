//! `/desk/products`: what there is to subscribe to, what it includes, and what it costs.

mod form;
pub(crate) mod list;
pub(crate) mod product;
mod range;

use masthead_circulation::Channel;

fn channel_in_words(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "the site",
        Channel::App => "the apps",
        Channel::Print => "the printed paper",
        Channel::Newsletters => "newsletters",
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::list::samples::render(rendered);
        super::product::samples::render(rendered);
    }
}
