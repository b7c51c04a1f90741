//! Which settings fit together, if not all do.

use std::{collections::BTreeSet, fmt};

use masthead_settings::{DeskSettings, SettingsPart};

/// What is not in force because it does not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Parts of the desk, in whose place the file's are in force.
    pub parts: BTreeSet<SettingsPart>,
    /// Whether the built-in theme is in force in place of the publisher's own.
    pub theme: bool,
}

impl LeftOut {
    /// Everything that can be left out.
    pub fn everything() -> Self {
        Self { parts: SettingsPart::all().collect(), theme: true }
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `other` leaves out the same and perhaps more.
    pub fn is_within(&self, other: &Self) -> bool {
        self.parts.is_subset(&other.parts) && self.theme <= other.theme
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let theme = self.theme.then_some("the publication's own theme");
        let parts = self.parts.iter().map(|part| part.name());
        f.write_str(&theme.into_iter().chain(parts).collect::<Vec<_>>().join(", "))
    }
}

/// Settings with as many parts of the desk as fit together.
pub(super) struct Fit<T, E> {
    /// What they make.
    pub loaded: T,
    /// The parts that do not fit.
    pub left_out: BTreeSet<SettingsPart>,
    /// Why not all parts fit.
    pub error: Option<E>,
}

/// Returns what `load` makes of these settings with as many parts as it accepts together.
///
/// # Errors
///
/// Returns the error of the file alone.
pub(super) fn fit<T, E>(
    desk: &DeskSettings,
    load: impl Fn(&DeskSettings) -> Result<T, E>,
) -> Result<Fit<T, E>, E> {
    let error = match load(desk) {
        Ok(loaded) => return Ok(Fit { loaded, left_out: BTreeSet::new(), error: None }),
        Err(error) => error,
    };
    // A part may fit with another part only, so leaving out a single one comes first.
    for part in desk.parts() {
        if let Ok(loaded) = load(&desk.clone().with(part, "")) {
            return Ok(Fit { loaded, left_out: BTreeSet::from([part]), error: Some(error) });
        }
    }
    let mut kept = desk.parts().fold(desk.clone(), |desk, part| desk.with(part, ""));
    let mut fit = Fit { loaded: load(&kept)?, left_out: BTreeSet::new(), error: Some(error) };
    for part in desk.parts() {
        let more = kept.clone().with(part, desk.text(part));
        match load(&more) {
            Ok(loaded) => (fit.loaded, kept) = (loaded, more),
            Err(_) => {
                fit.left_out.insert(part);
            }
        }
    }
    Ok(fit)
}
