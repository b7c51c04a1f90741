//! The cookies of readers' devices: the reader token, the session, the device that requested a
//! sign-in, devices that were signed in, what their reader is to be told once, and the language of the desk.

use http::{HeaderMap, header};

/// The names and attributes of a publication's cookies.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// The name of the cookie with the reader token.
    pub token: &'static str,
    /// The name of the cookie with the secret of a session.
    pub session: &'static str,
    /// The name of the cookie with the secret of a device that requested a sign-in.
    pub device: &'static str,
    /// The name of the cookie with the address that a sign-in was requested for.
    pub asked: &'static str,
    /// The name of the cookie by which a device is known that was signed in before.
    pub known: &'static str,
    /// The name of the cookie that says what a reader is to be told once.
    pub note: &'static str,
    /// The name of the cookie that says that a form of the desk was saved.
    pub saved: &'static str,
    /// The name of the cookie with the language of the desk.
    pub language: &'static str,
    attributes: &'static str,
}

impl Cookies {
    /// With `secure`, the names have the `__Host-` prefix, so that other hosts cannot set them (RFC
    /// 6265bis, section 4.1.3.2).
    pub fn new(secure: bool) -> Self {
        if secure {
            Self {
                token: "__Host-masthead",
                session: "__Host-masthead-session",
                device: "__Host-masthead-device",
                asked: "__Host-masthead-asked",
                known: "__Host-masthead-known",
                note: "__Host-masthead-note",
                saved: "__Host-masthead-saved",
                language: "__Host-masthead-language",
                attributes: "; Path=/; HttpOnly; SameSite=Lax; Secure",
            }
        } else {
            Self {
                token: "masthead",
                session: "masthead-session",
                device: "masthead-device",
                asked: "masthead-asked",
                known: "masthead-known",
                note: "masthead-note",
                saved: "masthead-saved",
                language: "masthead-language",
                attributes: "; Path=/; HttpOnly; SameSite=Lax",
            }
        }
    }

    /// Returns a `Set-Cookie` value with this lifetime. Zero seconds delete the cookie.
    pub fn set(&self, name: &str, value: &str, seconds: i64) -> String {
        [name, "=", value, "; Max-Age=", &seconds.to_string(), self.attributes].concat()
    }
}

/// Returns the value of a cookie in a request.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(header::COOKIE).iter().find_map(|cookies| {
        // By bytes, because a page looks for several of them.
        let mut pairs = cookies.as_bytes().split(|byte| *byte == b';');
        let value = pairs.find_map(|pair| value_of(pair.trim_ascii(), name))?;
        std::str::from_utf8(value).ok()
    })
}

/// Returns the value of a pair such as `name=value` if it has this name.
fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_wherever_it_is_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("; a=1;bb=2 ; b=3;;c="));
        headers.append(header::COOKIE, HeaderValue::from_static("d=x=y"));
        let found = ["a", "b", "bb", "c", "d", "x", ""].map(|name| get(&headers, name));
        assert_eq!(found, [Some("1"), Some("3"), Some("2"), Some(""), Some("x=y"), None, None]);
        assert_eq!(get(&HeaderMap::new(), "a"), None);
    }

    #[test]
    fn a_cookie_of_another_program_that_is_no_text_hides_none() {
        let mut headers = HeaderMap::new();
        let cookies = HeaderValue::from_bytes(b"odd=\xff; a=1").expect("a value");
        headers.insert(header::COOKIE, cookies);
        assert_eq!(get(&headers, "a"), Some("1"));
        assert_eq!(get(&headers, "odd"), None);
    }
}
