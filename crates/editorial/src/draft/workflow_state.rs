//! The workflow state of a piece.

/// The editorial workflow state of a piece. Its [`Status`](crate::Status) says what readers see.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum WorkflowState {
    /// There are no unpublished changes.
    #[default]
    None,
    /// Someone is writing.
    Writing,
    /// An editor has been asked to review it.
    Review,
    /// It was archived: work on it has stopped, until it is restored.
    #[strum(serialize = "spiked")]
    Archived,
}

impl WorkflowState {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
