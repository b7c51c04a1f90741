//! The fields of the index, and the documents that are written to it.

use jiff::Timestamp;
use masthead_access::{ArticleId, searchable, unbroken};
use tantivy::{
    TantivyDocument, TantivyError,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
    },
};

/// The name of the analyzer in the schema.
pub(super) const ANALYZER: &str = "publication";

/// The name of the field with the number of an article and its revision, see [`VersionKey`].
pub(super) const VERSION: &str = "version";

/// The text of which revision of which article a document has, in one number, so that one look-up answers both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VersionKey(pub u64);

impl VersionKey {
    /// The lower half of a revision is enough: the revisions of an article that are compared are a moment apart.
    pub fn new(id: ArticleId, revision: i64) -> Self {
        let revision = revision.cast_unsigned() & u64::from(u32::MAX);
        Self((u64::from(id.0) << 32) | revision)
    }

    /// Returns the number of the article.
    pub fn id(self) -> ArticleId {
        ArticleId(u32::try_from(self.0 >> 32).unwrap_or(u32::MAX))
    }
}

/// The text of an article to index, without markup.
#[derive(Clone, Debug, Default)]
pub struct IndexedText {
    /// Kicker and headline.
    pub headline: String,
    /// Names of authors, topics and section.
    pub names: String,
    /// The public part: deck and teaser.
    pub public: String,
    /// The full text.
    pub full: String,
    /// When it was published.
    pub published: Timestamp,
    /// The revision of the article that has this text.
    pub revision: i64,
}

/// The fields of the schema.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub id: Field,
    pub version: Field,
    pub published: Field,
    pub headline: Field,
    pub names: Field,
    pub public: Field,
    pub full: Field,
}

impl Fields {
    /// Looks the fields up in the schema of an index.
    pub fn of(schema: &Schema) -> Result<Self, TantivyError> {
        Ok(Self {
            id: schema.get_field("id")?,
            version: schema.get_field(VERSION)?,
            published: schema.get_field("published")?,
            headline: schema.get_field("headline")?,
            names: schema.get_field("names")?,
            public: schema.get_field("seen")?,
            full: schema.get_field("whole")?,
        })
    }

    /// Returns the document of an article. Texts that passages are cut from keep their joiners, which the analyzer leaves out of words.
    pub fn document(self, id: ArticleId, text: &IndexedText) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(self.id, id.0.into());
        document.add_u64(self.version, VersionKey::new(id, text.revision).0);
        document.add_i64(self.published, text.published.as_second());
        document.add_text(self.headline, searchable(&text.headline));
        document.add_text(self.names, searchable(&text.names));
        document.add_text(self.public, unbroken(&text.public));
        document.add_text(self.full, unbroken(&text.full));
        document
    }
}

/// Returns the schema of a new index.
pub(super) fn schema() -> Schema {
    let words = TextFieldIndexing::default()
        .set_tokenizer(ANALYZER)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(words);
    let mut schema = Schema::builder();
    schema.add_u64_field("id", INDEXED | STORED);
    schema.add_u64_field(VERSION, FAST);
    schema.add_i64_field("published", FAST);
    schema.add_text_field("headline", text.clone());
    schema.add_text_field("names", text.clone());
    schema.add_text_field("seen", text.clone() | STORED);
    schema.add_text_field("whole", text | STORED);
    schema.build()
}
