//! The parts of the settings that can be set at the desk.

use serde::{Serialize, de::DeserializeOwned};
use strum::VariantArray as _;

use crate::{
    AppearancePart, BackupsPart, BreakingPart, ExperimentPart, FrontsPart, MenusPart, MessagesPart,
    MeterPart, OffersPart, ProductsPart, PublicationPart, RetentionPart, SectionsPart, SellerPart,
    error::TextError,
};

/// A part of the settings that can be set at the desk.
///
/// To add one: add a variant here and in [`PartSettings`]; the compiler names the rest.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum SettingsPart {
    /// How much may be read, and which readers may read what.
    Meter,
    /// The sections, in the order of the navigation.
    Sections,
    /// How the home page and the fronts of sections are arranged.
    Fronts,
    /// What there is to subscribe to, and what it costs.
    Products,
    /// With what subscriptions begin.
    Offers,
    /// What readers are told.
    Messages,
    /// What is tried on half of the readers.
    Experiment,
    /// The breaking news at the top of every page.
    Breaking,
    /// The name, language and time zone of the publication.
    Publication,
    /// Who sells, and how invoices are paid.
    Seller,
    /// How long what grows is kept.
    Retention,
    /// The colours and the logo of the publication.
    Appearance,
    /// The navigation and the footer.
    Menus,
    /// How often the server makes a backup.
    Backups,
}

/// The content of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PartSettings {
    /// See [`SettingsPart::Meter`].
    Meter(MeterPart),
    /// See [`SettingsPart::Sections`].
    Sections(SectionsPart),
    /// See [`SettingsPart::Fronts`].
    Fronts(FrontsPart),
    /// See [`SettingsPart::Products`].
    Products(ProductsPart),
    /// See [`SettingsPart::Offers`].
    Offers(OffersPart),
    /// See [`SettingsPart::Messages`].
    Messages(MessagesPart),
    /// See [`SettingsPart::Experiment`].
    Experiment(ExperimentPart),
    /// See [`SettingsPart::Breaking`].
    Breaking(BreakingPart),
    /// See [`SettingsPart::Publication`].
    Publication(PublicationPart),
    /// See [`SettingsPart::Seller`].
    Seller(SellerPart),
    /// See [`SettingsPart::Retention`].
    Retention(RetentionPart),
    /// See [`SettingsPart::Appearance`].
    Appearance(AppearancePart),
    /// See [`SettingsPart::Menus`].
    Menus(MenusPart),
    /// See [`SettingsPart::Backups`].
    Backups(BackupsPart),
}

impl SettingsPart {
    /// Returns every part, none before those that it names entries of.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// Returns the name under which it is stored.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl PartSettings {
    /// Reads the content of a part from TOML.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not TOML, has an unknown key, or a value that does not fit.
    pub fn from_toml(part: SettingsPart, text: &str) -> Result<Self, TextError> {
        Ok(match part {
            SettingsPart::Meter => Self::Meter(read(text)?),
            SettingsPart::Sections => Self::Sections(read(text)?),
            SettingsPart::Fronts => Self::Fronts(read(text)?),
            SettingsPart::Products => Self::Products(read(text)?),
            SettingsPart::Offers => Self::Offers(read(text)?),
            SettingsPart::Messages => Self::Messages(read(text)?),
            SettingsPart::Experiment => Self::Experiment(read(text)?),
            SettingsPart::Breaking => Self::Breaking(read(text)?),
            SettingsPart::Publication => Self::Publication(read(text)?),
            SettingsPart::Seller => Self::Seller(read(text)?),
            SettingsPart::Retention => Self::Retention(read(text)?),
            SettingsPart::Appearance => Self::Appearance(read(text)?),
            SettingsPart::Menus => Self::Menus(read(text)?),
            SettingsPart::Backups => Self::Backups(read(text)?),
        })
    }

    /// Writes it as TOML. [`from_toml`](Self::from_toml) is the inverse.
    ///
    /// # Errors
    ///
    /// Returns an error if a value cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Returns the part that it is the content of.
    pub fn part(&self) -> SettingsPart {
        match self {
            Self::Meter(_) => SettingsPart::Meter,
            Self::Sections(_) => SettingsPart::Sections,
            Self::Fronts(_) => SettingsPart::Fronts,
            Self::Products(_) => SettingsPart::Products,
            Self::Offers(_) => SettingsPart::Offers,
            Self::Messages(_) => SettingsPart::Messages,
            Self::Experiment(_) => SettingsPart::Experiment,
            Self::Breaking(_) => SettingsPart::Breaking,
            Self::Publication(_) => SettingsPart::Publication,
            Self::Seller(_) => SettingsPart::Seller,
            Self::Retention(_) => SettingsPart::Retention,
            Self::Appearance(_) => SettingsPart::Appearance,
            Self::Menus(_) => SettingsPart::Menus,
            Self::Backups(_) => SettingsPart::Backups,
        }
    }
}

/// A change of one part, as the desk makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartChange {
    /// The desk sets the part.
    Set(PartSettings),
    /// The desk leaves the part to the file.
    LeaveToFile(SettingsPart),
}

impl PartChange {
    /// Returns the part that is changed.
    pub fn part(&self) -> SettingsPart {
        match self {
            Self::Set(settings) => settings.part(),
            Self::LeaveToFile(part) => *part,
        }
    }

    /// Returns the text to store; empty if the part is left to the file.
    ///
    /// # Errors
    ///
    /// Returns an error if a value cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        match self {
            Self::Set(settings) => settings.to_toml(),
            Self::LeaveToFile(_) => Ok(String::new()),
        }
    }
}

impl From<PartSettings> for PartChange {
    fn from(settings: PartSettings) -> Self {
        Self::Set(settings)
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, TextError> {
    toml::from_str(text).map_err(|error| TextError::of_toml(&error, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_stay_as_they_are() {
        // They are in publishers' databases.
        let names: Vec<&str> = SettingsPart::all().map(SettingsPart::name).collect();
        let stored = [
            "meter",
            "sections",
            "fronts",
            "products",
            "offers",
            "messages",
            "experiment",
            "breaking",
            "publication",
            "seller",
            "retention",
            "appearance",
            "menus",
            "backups",
        ];
        assert_eq!(names, stored);
        for part in SettingsPart::all() {
            assert_eq!(part.name().parse(), Ok(part));
        }
    }
}
