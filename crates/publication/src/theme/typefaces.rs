//! The typefaces of printed invoices: `print/text.ttf` and `print/bold.ttf` of a theme, then the built-in ones, then all other fonts in
//! `print`, so that names in other scripts are not empty boxes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use masthead_print::{InvalidFont, Typeface};

use super::ThemeError;

/// The names of the preferred files in [`FOLDER`].
const TEXT: &str = "text.ttf";
const BOLD: &str = "bold.ttf";
const FOLDER: &str = "print";

/// Loads the typefaces of text and of headings. Also returns a warning for each of the other fonts that cannot be used: they may
/// have been in the folder, without an effect, since an earlier version.
pub(super) fn load(theme: Option<&Path>) -> Result<(Typeface, Typeface, Vec<String>), ThemeError> {
    let folder = theme.map(|theme| theme.join(FOLDER));
    let own =
        |name: &str| folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
    let [own_text, own_bold] =
        [TEXT, BOLD].map(|name| own(name).map(|path| open(&path)).transpose());
    let (own_text, own_bold) = (own_text?, own_bold?);
    let built_in = |face: Result<Typeface, InvalidFont>| {
        face.map_err(|reason| ThemeError::Typeface { file: "built-in".to_owned(), reason })
    };
    let mut text = first(own_text.clone(), built_in(Typeface::text())?);
    let mut bold = first(own_bold, built_in(Typeface::bold())?);
    // A heading in the script of the text is better in its weight than not at all.
    bold = own_text.iter().fold(bold, Typeface::with_fallback);
    let mut warnings = Vec::new();
    for path in folder.iter().flat_map(|folder| others(folder)) {
        match open(&path) {
            Ok(face) => {
                text = text.with_fallback(&face);
                bold = bold.with_fallback(&face);
            }
            Err(error) => warnings.push(format!("{error}; invoices are printed without it")),
        }
    }
    Ok((text, bold, warnings))
}

fn first(own: Option<Typeface>, built_in: Typeface) -> Typeface {
    match own {
        Some(own) => own.with_fallback(&built_in),
        None => built_in,
    }
}

/// The other fonts of a folder, in the order of their names.
fn others(folder: &Path) -> Vec<PathBuf> {
    let is_font = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_other = name != TEXT && name != BOLD && !name.starts_with('.');
        is_other && path.extension().is_some_and(|ending| ending == "ttf" || ending == "otf")
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_font).collect();
    paths.sort();
    paths
}

fn open(path: &Path) -> Result<Typeface, ThemeError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = format!("{FOLDER}/{name}");
    let content = fs::read(path).map_err(|error| ThemeError::Unreadable {
        file: file.clone(),
        reason: error.to_string(),
    })?;
    Typeface::new(content).map_err(|reason| ThemeError::Typeface { file, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_of_the_folder_come_after_the_built_in_ones_and_broken_ones_are_left_out() {
        let theme = tempfile::tempdir().expect("a folder");
        let (text, bold, warnings) = load(Some(theme.path())).expect("loaded");
        assert_eq!((text.missing_glyph("Łódź"), warnings), (None, Vec::new()));
        assert_eq!(bold.missing_glyph("ליל"), Some('ל'));
        let print = theme.path().join(FOLDER);
        fs::create_dir(&print).expect("a folder");
        fs::write(print.join("OFL.txt"), "a licence").expect("written");
        fs::write(print.join("Hebrew.ttf"), "no font").expect("written");
        let (text, _, warnings) = load(Some(theme.path())).expect("loaded");
        assert_eq!(text.missing_glyph("Łódź"), None);
        let [warning] = &warnings[..] else { panic!("one warning: {warnings:?}") };
        assert!(warning.starts_with("print/Hebrew.ttf: this is not a usable font"), "{warning}");
        fs::write(print.join(TEXT), "no font").expect("written");
        let error = load(Some(theme.path())).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("print/text.ttf")));
    }
}
