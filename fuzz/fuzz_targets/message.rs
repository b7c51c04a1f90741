//! Any message template is refused with line and column, or renders with any values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_access::message::{MessageFacts, Locale, Moment, Template};

fuzz_target!(|text: &str| {
    let locale = Locale::new("pl").expect("Polish");
    for moment in [Moment::MeterLeft, Moment::WallTrialEnded] {
        if let Ok(template) = Template::parse(text, moment.variables()) {
            let facts = MessageFacts { number_articles_left: Some(3), ..MessageFacts::default() };
            template.render(&facts, &locale);
            template.render(&MessageFacts::default(), &locale);
        }
    }
});
