//! Mentions: `@` and the name of somebody in a comment.

use crate::AccountId;

/// Returns who is mentioned in a text, each once, in the order of `names`. Of names that begin alike the longest counts; people
/// with the same name are all mentioned.
pub fn mentioned(text: &str, names: &[(AccountId, String)]) -> Vec<AccountId> {
    let text = text.to_lowercase();
    let lower: Vec<(AccountId, String)> =
        names.iter().map(|(id, name)| (*id, name.to_lowercase())).collect();
    let mut found: Vec<AccountId> = Vec::new();
    for (at, _) in text.match_indices('@') {
        // In an email address there is a letter before it.
        if text[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = &text[at + 1..];
        let named = || lower.iter().filter(|(_, name)| begins_with_name(rest, name));
        let longest = named().map(|(_, name)| name.len()).max();
        found.extend(named().filter(|(_, name)| Some(name.len()) == longest).map(|(id, _)| *id));
    }
    names.iter().map(|(id, _)| *id).filter(|id| found.contains(id)).collect()
}

/// Whether a text begins with a name, and not with a longer word.
fn begins_with_name(text: &str, name: &str) -> bool {
    let after = text.strip_prefix(name).filter(|_| !name.is_empty());
    after.is_some_and(|after| {
        let mut letters = after.chars();
        let is_joined = |sign: char| matches!(sign, '-' | '.' | '@' | '\'' | '’');
        match letters.next() {
            Some(sign) if is_joined(sign) => !letters.next().is_some_and(char::is_alphanumeric),
            Some(sign) => !sign.is_alphanumeric() && sign != '_',
            None => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_mentioned_by_their_names() {
        let names = [
            (AccountId(1), "Ada".to_owned()),
            (AccountId(2), "Ada Quill".to_owned()),
            (AccountId(3), "bo@example.org".to_owned()),
            (AccountId(4), "Zoë".to_owned()),
            (AccountId(5), String::new()),
            (AccountId(6), "Zoë".to_owned()),
        ];
        let of = |text: &str| mentioned(text, &names).iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!(of("@Ada, is that so?"), [1]);
        assert_eq!(of("Ask @ada quill."), [2]);
        assert_eq!(of("@Ada Quill and @Ada"), [1, 2]);
        assert_eq!(of("(@bo@example.org)"), [3]);
        assert_eq!(of("@ZOË and @Zoë"), [4, 6]);
        for nobody in
            ["", "@", "Ada", "@Adam", "mail@ada", "@ Ada", "@Eve", "@ada_q", "@ada-q", "@ada.de"]
        {
            assert!(of(nobody).is_empty(), "{nobody}");
        }
    }
}
