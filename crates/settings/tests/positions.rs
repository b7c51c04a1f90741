//! Settings that do not fit are refused with line and column.

#![allow(clippy::expect_used)]

use masthead_settings::PublisherSettings;

const SETTINGS: &str = r#"[publication]
name = "P"
address = "http://localhost"
locale = "en"
zone = "UTC"

[subscriptions]
currency = "EUR"

[[products]]
slug = "web"
name = "Web"
channels = ["web"]

[[products]]
slug = "paper"
name = "Paper"
recommended = true
channels = ["print"]

[[prices]]
slug = "monthly"
product = "web"
amount = "9"
every = "1 month"

[[messages]]
moment = "meter.left"
placement = "banner"
text = "{{allowance}}"
actions = [{ label = "Offers", link = "/offers" }]

[[fronts]]
page = "/"
"#;

#[test]
fn every_fault_has_the_position_of_its_key_or_entry() {
    assert!(PublisherSettings::from_toml(SETTINGS).is_ok());
    for (from, to, at, says) in [
        ("name = \"P\"", "nam = \"P\"", "nam = ", "did you mean \"name\"?"),
        ("zone = \"UTC\"", "zone = \"Mars\"", "\"Mars\"", "is not a time zone"),
        ("amount = \"9\"", "amount = \"nine\"", "\"nine\"", "in the price \"monthly\": \"nine\""),
        (
            "name = \"Web\"",
            "name = \"Web\"\nrecommended = true",
            "[[products]]\nslug = \"paper\"",
            "in the product \"paper\": only one product can be recommended, and \"web\" already is",
        ),
        ("product = \"web\"", "product = \"wep\"", "[[prices]]", "there is no product \"wep\""),
        (
            "{{allowance}}",
            "{{allowanse}}",
            "\"{{allowanse}}\"",
            "in the text of the message meter.left, banner: line 1",
        ),
        ("/offers", "javascript:x", "[{ label", "in the link of action 1 of the message"),
        ("page = \"/\"", "page = \"x\"", "[[fronts]]", "in the front x: "),
    ] {
        assert!(SETTINGS.contains(from), "{from}");
        let text = SETTINGS.replace(from, to);
        let error = PublisherSettings::from_toml(&text).expect_err("refused");
        assert!(error.to_string().contains(says), "{error}");
        let before = text.split(at).next().expect("a beginning");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().expect("a line").chars().count() + 1;
        let position = (error.position.line, error.position.column);
        assert_eq!(position, (line, column), "{error}");
    }
}
