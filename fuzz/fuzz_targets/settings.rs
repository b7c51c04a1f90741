//! Any configuration is refused with a line, or can be checked; what the desk stores is read as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_settings::{PartSettings, PublisherSettings, SettingsPart};

fuzz_target!(|text: &str| {
    match PublisherSettings::from_toml(text) {
        Ok(settings) => {
            let _ = settings.check();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    for part in SettingsPart::all() {
        let Ok(read) = PartSettings::from_toml(part, text) else { continue };
        let written = read.to_toml().expect("settings that can be written");
        assert_eq!(PartSettings::from_toml(part, &written).as_ref(), Ok(&read), "{written}");
    }
});
