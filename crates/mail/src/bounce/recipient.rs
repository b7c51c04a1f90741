//! The recipient in a delivery report (RFC 3464, section 2.3.1; RFC 6533, section 3).

use masthead_circulation::EmailAddress;

/// Reads a field such as `rfc822; ada@example.org`. Some servers put brackets around the address. Returns `None` if there is none.
pub(super) fn read(field: &str) -> Option<EmailAddress> {
    let address = field.split_once(';').map_or(field, |(_, address)| address).trim();
    let address = address.strip_prefix('<').unwrap_or(address);
    let address = address.strip_suffix('>').unwrap_or(address);
    decoded(address)?.parse().ok()
}

/// Replaces characters that are written as `\x{f6}` (RFC 6533, section 3). Returns `None` if one of them is none.
fn decoded(address: &str) -> Option<String> {
    let mut parts = address.split("\\x{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}')?;
        text.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
        text.push_str(rest);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_read_in_every_spelling() {
        for (field, address) in [
            ("rfc822; ada@example.org", "ada@example.org"),
            ("rfc822;<Ada@example.org>", "ada@example.org"),
            ("ada@example.org", "ada@example.org"),
            ("utf-8; j\\x{f6}rg@example.org", "j\u{f6}rg@example.org"),
            ("utf-8; j\u{f6}rg@example.org", "j\u{f6}rg@example.org"),
        ] {
            assert_eq!(read(field), address.parse().ok(), "{field}");
        }
        for field in ["", "rfc822;", "rfc822; nobody", "rfc822; <>", "utf-8; \\x{zz}@example.org"] {
            assert_eq!(read(field), None, "{field}");
        }
    }
}
