//! Sections and topics, as a publisher could write them.

use masthead_editorial::Design;
use masthead_settings::{SectionSettings, TopicSettings};
use proptest::{prelude::*, sample::select};

use super::any::{slug, text};

pub fn section() -> impl Strategy<Value = SectionSettings> {
    let color = prop_oneof!["", "#[0-9a-fA-F]{3}", "#[0-9a-fA-F]{6}"];
    let design = select(Design::ALL.to_vec());
    (slug(), text(), text(), color, design).prop_map(|(slug, name, description, color, design)| {
        let slug = format!("s-{slug}");
        SectionSettings { slug, name, description, color, design }
    })
}

pub fn topic() -> impl Strategy<Value = TopicSettings> {
    (slug(), text()).prop_map(|(slug, description)| TopicSettings { slug, description })
}
