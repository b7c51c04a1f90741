//! A message's template is refused with line and column, or renders with whatever is known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_access::message::{Facts, Locale, Moment, Template};

fuzz_target!(|text: &str| {
    let locale = Locale::new("pl").expect("Polish");
    for moment in [Moment::MeterLeft, Moment::WallTrialEnded] {
        if let Ok(template) = Template::parse(text, moment.variables()) {
            let facts = Facts { number_articles_left: Some(3), ..Facts::default() };
            template.render(&facts, &locale);
            template.render(&Facts::default(), &locale);
        }
    }
});
