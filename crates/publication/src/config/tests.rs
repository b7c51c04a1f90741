//! Tests of the configuration and its errors.

use jiff::SignedDuration;
use masthead_access::{Allowance, Experiment, Treatment};
use masthead_settings::SettingsPart;

use super::*;

/// What `masthead init` writes.
const STARTER: &str = include_str!("../../../masthead/src/masthead.toml");

fn refused(text: &str) -> String {
    Config::parse(text, "masthead.toml", &DeskSettings::default())
        .err()
        .expect("refused")
        .to_string()
}

fn changed(from: &str, to: &str) -> String {
    assert!(STARTER.contains(from), "{from}");
    refused(&STARTER.replace(from, to))
}

#[test]
fn the_starter_is_valid_and_states_the_defaults() {
    let config = Config::parse(STARTER, "masthead.toml", &DeskSettings::default()).expect("good");
    let bare = "[publication]\nname = \"x\"\naddress = \"http://127.0.0.1:8080\"\nlocale = \"en\"\nzone = \"Europe/London\"";
    let bare = Config::parse(bare, "masthead.toml", &DeskSettings::default()).expect("good");
    assert_eq!(config.publication.policy.window, bare.publication.policy.window);
    assert_eq!(config.publication.policy.allowances, bare.publication.policy.allowances);
    assert_eq!(config.publication.teaser, bare.publication.teaser);
    assert_eq!(config.publication.policy, bare.publication.policy);
    assert_eq!(config.server, bare.server);
}

#[test]
fn openid_providers_use_tls_and_have_unique_slugs() {
    let guild = "[[openid]]\nslug = \"guild\"\nname = \"The Guild\"\nissuer = \"https://id.example\"\nclient_id = \"x\"\n";
    let with = |extra: &str| format!("{STARTER}\n{extra}");
    assert_eq!(
        Config::parse(&with(guild), "x", &DeskSettings::default()).expect("good").openid.len(),
        1
    );
    let unsafe_one = guild.replace("https://", "http://");
    assert!(refused(&with(&unsafe_one)).contains("begins with https://"));
    let twice = refused(&with(&format!("{guild}{guild}")));
    assert!(twice.contains("there are two [[openid]] \"guild\""), "{twice}");
}

#[test]
fn faults_name_the_position_and_the_remedy() {
    let faults = [
        ("anonymous = 3", "anonymus = 3", "did you mean \"anonymous\"?"),
        ("anonymous = 3", "anonymous = 900", "250"),
        ("window = \"month\"", "window = \"year\"", "year"),
        ("locale = \"en\"", "locale = \"english language\"", "is not a locale"),
        ("zone = \"Europe/London\"", "zone = \"Mars/Olympus\"", "is not a time zone"),
        ("http://localhost:8080", "localhost:8080", "is not the address of a site"),
        ("color = \"#8a1c1c\"", "color = \"red;}\"", "is not a colour"),
    ];
    for (from, to, says) in faults {
        let error = changed(from, to);
        assert!(error.contains(says), "{error}");
        let line = STARTER.lines().position(|line| line.contains(from)).expect("there") + 1;
        assert!(error.contains(&format!("line {line}, column")), "{error}");
    }
}

/// A valid catalogue, which the tests break in one place each.
const SALES: &str = r#"
[subscriptions]
currency = "USD"

[[products]]
slug = "web"
name = "Online"
channels = ["web", "app"]

[[prices]]
slug = "web-monthly"
product = "web"
amount = "9.50"
every = "1 month"

[[offers]]
slug = "winter"
price = "web-monthly"
first = "9"
lasts = "3 months"
for = "new"
ends = 2027-01-31

[[messages]]
moment = "notice.offer"
placement = "inline"
text = "{{price}}"
offer = "winter"
"#;

#[test]
fn the_catalogue_is_checked_with_line_and_column() {
    let with = |from: &str, to: &str| {
        assert!(SALES.contains(from), "{from}");
        format!("{STARTER}{}", SALES.replace(from, to))
    };
    let config = Config::parse(&with("web", "web"), "masthead.toml", &DeskSettings::default())
        .expect("good");
    let catalogue = &config.publication.catalogue;
    assert_eq!(catalogue.prices()[0].amount.to_string(), "9.50 USD");
    assert_eq!(catalogue.offers()[0].ends, Some(jiff::civil::date(2027, 1, 31)));
    let faults = [
        ("currency = \"USD\"", "", "there is no currency for this amount"),
        ("currency = \"USD\"", "currency = \"DOLLAR\"", "is not a currency"),
        ("amount = \"9.50\"", "amount = \"9.505\"", "write one such as \"9.00\""),
        ("amount = \"9.50\"", "amount = \"0\"", "more than 0"),
        ("channels = [\"web\", \"app\"]", "channels = []", "at least one channel"),
        ("channels = [\"web\", \"app\"]", "channels = [\"wep\"]", "there is no channel"),
        ("product = \"web\"", "product = \"wed\"", "there is no product \"wed\"; there are web"),
        ("every = \"1 month\"", "every = \"monthly\"", "is not a length of time"),
        ("slug = \"winter\"", "slug = \"web-monthly\"", "is already used"),
        ("slug = \"winter\"", "slug = \"Winter Offer\"", "such as \"winter-offer\""),
        ("for = \"new\"", "for = \"code\"", "codes = ["),
        ("for = \"new\"", "for = \"new\"\ncard = false", "only a trial can do without a card"),
        ("ends = 2027-01-31", "ends = \"soon\"", "is not a day"),
        ("offer = \"winter\"", "offer = \"wintr\"", "did you mean \"winter\"?"),
    ];
    for (from, to, says) in faults {
        let error = refused(&with(from, to));
        assert!(error.contains(says) && error.contains("column"), "{to}: {error}");
    }
}

#[test]
fn a_price_that_no_card_can_pay_is_refused_only_with_stripe() {
    let sales = SALES.replace("currency = \"USD\"", "currency = \"MGA\"");
    let text = format!("{STARTER}{sales}");
    let config = Config::parse(&text, "masthead.toml", &DeskSettings::default());
    let warnings =
        config.unwrap_or_else(|error| panic!("{error}")).warnings(jiff::Timestamp::UNIX_EPOCH);
    let says = "only amounts in steps of 1.00 MGA";
    assert!(warnings.iter().any(|warning| warning.contains(says)), "{warnings:?}");
    let with_key = "sandbox = false\nstripe_key = \"sk_test_1\"";
    let error = refused(&text.replace("sandbox = false", with_key));
    assert!(error.contains(says) && error.contains("column"), "{error}");
}

#[test]
fn a_broken_message_is_refused_with_its_field_and_position() {
    let message = "\n[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"{{numberArticlesleft}}\"\n";
    let error = refused(&format!("{STARTER}{message}"));
    assert!(error.contains("text") && error.contains("column"), "{error}");
    assert!(error.contains("numberArticlesLeft"), "{error}");
}

#[test]
fn parts_set_at_the_desk_replace_those_of_the_file_and_no_others() {
    let desk = DeskSettings::default()
        .with(SettingsPart::Meter, "[meter]\nanonymous = \"1\"\n\n[[rules]]\ntier = \"free\"\n")
        .with(SettingsPart::Messages, "messages = []\n")
        .with(SettingsPart::Sections, "[[sections]]\nslug = \"town\"\nname = \"Town\"\n")
        .with(SettingsPart::Fronts, "[[fronts]]\npage = \"/news\"\ntop = [\"most-read\"]\n")
        .with(SettingsPart::Offers, "")
        .with(SettingsPart::Experiment, "[experiment]\nnumber = 3\nanonymous = \"2\"\n");
    let config = Config::parse(STARTER, "masthead.toml", &desk).expect("good");
    let policy = &config.publication.policy;
    assert_eq!(policy.allowances.anonymous, Allowance::Articles(1));
    assert_eq!((policy.rules.len(), policy.first_reads_per_network), (1, Some(300)));
    assert!(config.publication.own_messages.is_empty());
    assert_eq!(config.publication.fronts[0].page, "/news");
    let sections: Vec<_> = config.sections().into_iter().map(|section| section.slug).collect();
    assert_eq!(sections, ["town"]);
    let treatment = Treatment::Anonymous(Allowance::Articles(2));
    assert_eq!(config.publication.experiment, Some(Experiment { number: 3, treatment }));
    let wrong = desk.with(SettingsPart::Meter, "[meter]\nanonymos = 1\n");
    let error = Config::parse(STARTER, "masthead.toml", &wrong).err().expect("refused");
    assert!(error.to_string().contains("did you mean \"anonymous\"?"), "{error}");
}

#[test]
fn invalid_fronts_are_refused() {
    let fronts = "\n[[fronts]]\npage = \"/\"\ntop = [\"/news/a\", \"section:news\"]\nlists = [\"most-read\"]\n";
    let config =
        Config::parse(&format!("{STARTER}{fronts}"), "masthead.toml", &DeskSettings::default());
    let front = config.expect("good").publication.fronts.remove(0);
    assert_eq!((front.top.len(), front.lists.len()), (2, 1));
    for (wrong, says) in [
        ("page = \"news\"", "write / for the home page"),
        ("page = \"/\"\ntop = [\"newest\"]", "names nothing that can stand on a front"),
        ("page = \"/\"\n[[fronts]]\npage = \"/\"", "there are two [[fronts]] for /"),
        ("page = \"/\"\nlist = []", "did you mean \"lists\"?"),
    ] {
        let error = refused(&format!("{STARTER}\n[[fronts]]\n{wrong}\n"));
        assert!(error.contains(says) && error.contains("column"), "{wrong}: {error}");
    }
}

#[test]
fn a_key_is_accepted_by_its_former_name_and_not_by_both() {
    let text = STARTER.replace("first_reads_per_network = 300", "fresh_per_network = 20");
    let text = format!("{text}\n[[fronts]]\npage = \"/\"\nshelves = [\"most-read\"]\n");
    let config = Config::parse(&text, "masthead.toml", &DeskSettings::default()).expect("good");
    assert_eq!(config.publication.policy.first_reads_per_network, Some(20));
    assert_eq!(config.publication.fronts[0].lists.len(), 1);
    let renamed =
        masthead_settings::renamed_keys(&text).iter().map(|key| key.new).collect::<Vec<_>>();
    assert_eq!(renamed, ["lists", "first_reads_per_network"]);
    assert_eq!(masthead_settings::renamed_keys(STARTER), []);

    let both = "first_reads_per_network = 300\nfresh_per_network = 300";
    let error = changed("first_reads_per_network = 300", both);
    assert!(error.contains("write only \"first_reads_per_network\""), "{error}");
    let both = "page = \"/\"\nlists = []\nshelves = []\n";
    let error = refused(&format!("{STARTER}\n[[fronts]]\n{both}"));
    assert!(error.contains("write only \"lists\""), "{error}");
}

#[test]
fn offers_of_the_desk_replace_those_of_the_file() {
    let sold = "\n[subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
                [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n\
                [[offers]]\nslug = \"spring\"\nprice = \"monthly\"\nfirst = \"1\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    let file = format!("{STARTER}{sold}");
    let autumn = "[[offers]]\nslug = \"autumn\"\nprice = \"monthly\"\nfirst = \"2\"\nlasts = \"1 month\"\nfor = \"new\"\nends = \"2027-11-30\"\n";
    let message = "[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"Take it\"\noffer = \"spring\"\n";
    let read = |offers: &str, messages: &str| {
        let desk = DeskSettings::default()
            .with(SettingsPart::Offers, offers)
            .with(SettingsPart::Messages, messages);
        Config::parse(&file, "masthead.toml", &desk)
    };
    let config = read(autumn, "").expect("good");
    let offers = config.publication.catalogue.offers();
    assert_eq!((offers.len(), offers[0].slug.as_str()), (1, "autumn"));
    assert!(read("", message).is_ok());
    // An offer that a message names cannot be removed.
    let error = read(autumn, message).err().expect("refused").to_string();
    assert!(
        error.contains("the message meter.left, banner: there is no offer \"spring\""),
        "{error}"
    );
    let wrong = autumn.replace("\"monthly\"", "\"weekly\"");
    let error = read(&wrong, "").err().expect("refused").to_string();
    assert!(error.contains("there is no price \"weekly\""), "{error}");
    let unknown = read(&autumn.replace("first", "frist"), "").err().expect("refused");
    assert!(unknown.to_string().contains("did you mean \"first\"?"), "{unknown}");
}

#[test]
fn offers_of_the_file_must_fit_the_products_of_the_desk() {
    let sold = "\n[subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
                [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n\
                [[offers]]\nslug = \"spring\"\nprice = \"monthly\"\nfirst = \"1\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    let file = format!("{STARTER}{sold}");
    let read = |products: &str| {
        let desk = DeskSettings::default().with(SettingsPart::Products, products);
        Config::parse(&file, "masthead.toml", &desk)
    };
    let print = "[subscriptions]\ncurrency = \"EUR\"\ngrace = \"36 hours\"\n[[products]]\nslug = \"print\"\nname = \"Print\"\n\
                 channels = [\"print\"]\n[[prices]]\nslug = \"monthly\"\nproduct = \"print\"\namount = \"30\"\nevery = \"1 month\"\n";
    let config = read(print).expect("good").publication;
    assert_eq!(config.catalogue.products()[0].slug, "print");
    assert_eq!(config.grace, SignedDuration::from_hours(36));
    let error = read("[subscriptions]\ncurrency = \"EUR\"\n").err().expect("refused").to_string();
    assert!(error.contains("in the offer \"spring\": there is no price \"monthly\""), "{error}");
}

#[test]
fn a_meter_stored_without_the_limit_per_network_keeps_that_of_the_file() {
    let file = STARTER.replace("first_reads_per_network = 300", "first_reads_per_network = 0");
    let limit = |meter: &str| {
        let desk = DeskSettings::default().with(SettingsPart::Meter, meter);
        let config = Config::parse(&file, "masthead.toml", &desk).expect("good");
        config.publication.policy.first_reads_per_network
    };
    // The desk did not store this key at first.
    assert_eq!(limit("[meter]\nanonymous = \"1\"\n"), None);
    assert_eq!(limit("[meter]\nanonymous = 1\nfirst_reads_per_network = 50\n"), Some(50));
}

/// Mistakes that operators make, each with what the message must say. The message names line and column.
#[test]
fn common_mistakes_are_refused_in_our_own_words() {
    let sections = "[[sections]]\nslug = \"news\"\nname = \"News\"\n";
    let twice = format!("{sections}{sections}");
    let price = "[[prices]]\nslug = \"x\"\nproduct = \"web\"\namount = 12\nevery = \"1 month\"\n";
    for (from, to, says) in [
        (
            "page_cache = 40",
            "page_cache = \"40\"",
            "a whole number; write it without quotes, such as 40",
        ),
        ("page_cache = 40", "page_cache = -1", "write a whole number, 0 or more"),
        ("page_cache = 40", "page_cache = 0", "write a number from 1 to 1000000"),
        ("recent_readers = 100000", "recent_readers = 100000000000", "from 1 to 10000000"),
        (
            "log = \"text\"",
            "log = \"jsn\"",
            "\"jsn\" cannot be written here; write \"text\" or \"json\"",
        ),
        ("access_log = \"off\"", "access_log = true", "write it in quotes"),
        ("admin_remote = false", "admin_remote = \"no\"", "write true or false here"),
        (
            "trusted_proxies = []",
            "trusted_proxies = \"10.0.0.1\"",
            "in brackets, such as [\"10.0.0.1\"]",
        ),
        ("trusted_proxies = []", "trusted_proxies = [\"proxy\"]", "such as 10.0.0.1 or 10.0.0.0/8"),
        ("name = \"My Paper\"", "name = 12", "write it in quotes, such as \"12\""),
        ("name = \"My Paper\"", "", "the key \"name\" is missing here"),
        ("keep_days = 90", "keep_days = 0", "1 or more"),
        ("[meter]\n", &format!("{twice}[meter]\n"), "there are two [[sections]] \"news\""),
        ("[meter]\n", &format!("{price}[meter]\n"), "write it in quotes, such as \"12\""),
        (
            "[meter]\n",
            "[subscriptions]\ngrace = \"2 fortnights\"\n[meter]\n",
            "is not a length of time",
        ),
    ] {
        let error = changed(from, to);
        assert!(error.contains(says) && error.contains("column"), "{to}: {error}");
    }
}

#[test]
fn a_proxy_may_be_a_single_address() {
    let text =
        STARTER.replace("trusted_proxies = []", "trusted_proxies = [\"10.0.0.1\", \"fd00::/8\"]");
    let config = Config::parse(&text, "masthead.toml", &DeskSettings::default()).expect("good");
    let proxies: Vec<String> =
        config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.1/32", "fd00::/8"]);
}

/// What is valid and probably not meant.
#[test]
fn probable_mistakes_are_pointed_out() {
    let now = "2026-11-26T12:00:00Z".parse().expect("a time");
    let warnings = |text: &str| {
        let config = Config::parse(text, "masthead.toml", &DeskSettings::default());
        config.unwrap_or_else(|error| panic!("{error}")).warnings(now)
    };
    assert_eq!(warnings(STARTER), [""; 0]);
    let sections = "\n[[sections]]\nslug = \"sport\"\nname = \"Sport\"\n";
    let ended = SALES.replace("2027-01-31", "2020-01-31");
    for (from, to, more, says) in [
        (
            "",
            "",
            format!("{sections}[[rules]]\ntier = \"free\"\nsection = \"sprot\"\n"),
            "the section “sprot”",
        ),
        ("", "", format!("{sections}[[fronts]]\npage = \"/sprt\"\n"), "Did you mean /sport?"),
        (
            "default_tier = \"metered\"",
            "default_tier = \"product:gold\"",
            String::new(),
            "no product “gold”",
        ),
        ("anonymous = 3", "anonymous = 10", String::new(), "nobody would register"),
        (
            "locale = \"en\"",
            "locale = \"xx\"",
            String::new(),
            "no built-in words in the language “xx”",
        ),
        (
            "# accent = \"#8a1c1c\"",
            "accent = \"#ff9900\"",
            String::new(),
            "Text in the accent #ff9900 is hard to read on light pages",
        ),
        (
            "tax = false",
            "tax = true",
            SALES.replace("[subscriptions]", "[subscriptions]\ntax_rate = 20"),
            "worked out by Stripe",
        ),
        ("", "", ended, "“winter” any more: it ended on 2020-01-31"),
        (
            "",
            "",
            SALES.replace("[subscriptions]", "[subscriptions]\ntax_rate = 0.19"),
            "If the rate is 19 %, write tax_rate = 19",
        ),
        (
            "",
            "",
            SALES.replace("first = \"9\"", "first = \"30\""),
            "The first payment of the offer “winter”",
        ),
        ("", "", "\n[[rules]]\ntier = \"free\"\n".into(), "Rule 1 has no condition"),
        ("data = \"data\"", "data = \"~/paper\"", String::new(), "begins with ~"),
        (
            "trusted_proxies = []",
            "trusted_proxies = [\"0.0.0.0/0\"]",
            String::new(),
            "the whole internet",
        ),
        (
            "# webhook_secret = \"whsec_…\"",
            "webhook_secret = \"x\"",
            String::new(),
            "begin with whsec_",
        ),
        ("# access_key = \"…\"", "access_key = \"x\"", String::new(), "has a key and no bucket"),
    ] {
        let text = format!("{}{more}", STARTER.replace(from, to));
        let said = warnings(&text);
        assert!(said.iter().any(|warning| warning.contains(says)), "{says}: {said:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_names_its_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("masthead.toml");
    let error = || Config::read(&file).err().expect("refused").to_string();
    assert!(error().contains("masthead init"), "{}", error());
    std::fs::write(&file, b"[publication]\nname = \"Caf\xe9\"\n").expect("written");
    assert!(error().contains("line 2: this is not UTF-8"), "{}", error());
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("created");
    assert!(error().contains("check who owns it"), "{}", error());
}

#[test]
fn settings_that_need_a_restart_are_named() {
    let read =
        |text: &str| Config::parse(text, "masthead.toml", &DeskSettings::default()).expect("good");
    let started = read(STARTER);
    let changed = STARTER
        .replace("page_cache = 40", "page_cache = 80")
        .replace("keep_days = 90", "keep_days = 30")
        .replace("trusted_proxies = []", "trusted_proxies = [\"10.0.0.1\"]")
        .replace("\nhosts = []", "\nhosts = [\"www.paper.example\"]")
        .replace("https_subdomains = false", "https_subdomains = true")
        .replace("security_contact = \"\"", "security_contact = \"tech@paper.example\"")
        .replace("forwarding_header = \"x-forwarded-for\"", "forwarding_header = \"forwarded\"")
        .replace("anonymous = 3", "anonymous = 4");
    assert_eq!(
        read(&changed).changes_that_need_a_restart(&started),
        ["[server] page_cache", "[mail] keep_days"]
    );
    assert_eq!(started.changes_that_need_a_restart(&started), [""; 0]);
}
