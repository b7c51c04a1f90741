//! Which columns a file of readers has: by their headings, in any order. The headings of the newsroom's own files are known in each of
//! its languages, and those that other systems write.

use crate::words::DeskWords;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum_macros::VariantArray)]
pub(super) enum Field {
    Email,
    Name,
    FirstName,
    LastName,
    Labels,
    Note,
    Plan,
    PaidUntil,
}

/// The headings of a column in lower case, with letters and digits only, and its names in the newsroom.
struct Headings {
    field: Field,
    known: &'static [&'static str],
    words: &'static [&'static str],
}

const HEADINGS: [Headings; 8] = [
    Headings {
        field: Field::Email,
        known: &["email", "emailaddress", "mail", "emailadresse"],
        words: &["people_email"],
    },
    Headings { field: Field::Name, known: &["name", "fullname"], words: &["readers_name"] },
    Headings {
        field: Field::FirstName,
        known: &["firstname", "givenname", "vorname"],
        words: &["import_first_name"],
    },
    Headings {
        field: Field::LastName,
        known: &["lastname", "surname", "familyname", "nachname"],
        words: &["import_last_name"],
    },
    Headings {
        field: Field::Labels,
        known: &["labels", "label", "tags"],
        words: &["readers_labels", "readers_label"],
    },
    Headings {
        field: Field::Note,
        known: &["note", "notes", "notiz", "notizen"],
        words: &["reader_note", "reader_notes"],
    },
    Headings {
        field: Field::Plan,
        known: &["product", "plan", "price", "tier", "produkt", "preis", "tarif"],
        words: &["readers_product"],
    },
    Headings {
        field: Field::PaidUntil,
        known: &["paiduntil", "until", "expires", "expiresat", "enddate", "bezahltbis", "bis"],
        words: &["import_paid_until"],
    },
];

/// A heading that Ghost writes. Its labels have commas between them.
const OF_GHOST: &str = "subscribedtoemails";

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The place of each column that is read.
    places: Vec<(Field, usize)>,
    /// The number of columns.
    pub count: usize,
    /// What is between labels.
    pub between_labels: char,
}

impl Columns {
    /// Reads the headings. Of two columns for the same, the first is read.
    pub fn of(headings: &[&str]) -> Self {
        let mut places: Vec<(Field, usize)> = Vec::new();
        for (place, heading) in headings.iter().enumerate() {
            let Some(field) = field(heading) else { continue };
            if !places.iter().any(|(known, _)| *known == field) {
                places.push((field, place));
            }
        }
        let is_of_ghost = headings.iter().any(|heading| simple(heading) == OF_GHOST);
        let between_labels = if is_of_ghost { ',' } else { ';' };
        Self { places, count: headings.len(), between_labels }
    }

    pub fn has(&self, field: Field) -> bool {
        self.places.iter().any(|(known, _)| *known == field)
    }

    /// Whether a column is read.
    pub fn reads(&self, place: usize) -> bool {
        self.places.iter().any(|(_, known)| *known == place)
    }

    /// The cell of a column; empty if there is none.
    pub fn cell<'a>(&self, field: Field, cells: &'a csv::StringRecord) -> &'a str {
        let place = self.places.iter().find(|(known, _)| *known == field);
        place.and_then(|(_, place)| cells.get(*place)).unwrap_or_default().trim()
    }
}

fn field(heading: &str) -> Option<Field> {
    let heading = simple(heading);
    let names = |headings: &&Headings| {
        let mut words = headings.words.iter();
        headings.known.contains(&&*heading)
            || words.any(|name| DeskWords::all().any(|of| simple(of.text(name)) == heading))
    };
    HEADINGS.iter().find(names).map(|headings| headings.field)
}

/// A heading in lower case, with letters and digits only.
fn simple(heading: &str) -> String {
    heading.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn headings_are_known_in_any_order_and_language() {
        let columns = Columns::of(&["Status", "Name", "E-Mail-Adresse", "Bezahlt bis", "name"]);
        let cells = csv::StringRecord::from(vec!["x", " Ada ", "ada@example.org"]);
        assert_eq!(columns.cell(Field::Name, &cells), "Ada");
        assert_eq!(columns.cell(Field::Email, &cells), "ada@example.org");
        assert_eq!(columns.cell(Field::PaidUntil, &cells), "", "the line ends before");
        assert!(columns.has(Field::PaidUntil) && !columns.has(Field::Note));
        assert!(columns.reads(1) && !columns.reads(0) && !columns.reads(4));
    }

    #[test]
    fn every_field_has_headings() {
        for field in Field::VARIANTS {
            assert!(HEADINGS.iter().any(|headings| headings.field == *field), "{field:?}");
        }
    }

    #[test]
    fn only_files_of_ghost_have_commas_between_labels() {
        assert_eq!(Columns::of(&["email", "labels"]).between_labels, ';');
        let ghost = ["id", "email", "name", "note", "subscribed_to_emails", "labels"];
        assert_eq!(Columns::of(&ghost).between_labels, ',');
    }
}
