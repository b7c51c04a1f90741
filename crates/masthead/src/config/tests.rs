//! What a configuration may say, and how a fault is told.

use masthead_access::{Experiment, Treatment};
use masthead_desk::Steered;

use super::*;

/// What `masthead init` writes.
const STARTER: &str = include_str!("../masthead.toml");

fn refused(text: &str) -> String {
    Config::parse(text, "masthead.toml", &Steering::default()).err().expect("refused").to_string()
}

fn changed(from: &str, to: &str) -> String {
    assert!(STARTER.contains(from), "{from}");
    refused(&STARTER.replace(from, to))
}

#[test]
fn the_starter_is_good_and_says_what_the_defaults_are() {
    let config = Config::parse(STARTER, "masthead.toml", &Steering::default()).expect("good");
    let bare = "[publication]\nname = \"x\"\naddress = \"http://127.0.0.1:8080\"\nlocale = \"en\"\nzone = \"Europe/London\"";
    let bare = Config::parse(bare, "masthead.toml", &Steering::default()).expect("good");
    assert_eq!(config.publication.policy.window, bare.publication.policy.window);
    assert_eq!(config.publication.policy.allowances, bare.publication.policy.allowances);
    assert_eq!(config.publication.teaser, bare.publication.teaser);
    assert_eq!(config.fresh_per_network, bare.fresh_per_network);
    assert_eq!(format!("{:?}", config.server), format!("{:?}", bare.server));
}

#[test]
fn an_account_elsewhere_is_reached_safely_and_named_once() {
    let guild = "[[openid]]\nslug = \"guild\"\nname = \"The Guild\"\nissuer = \"https://id.example\"\nclient_id = \"x\"\n";
    let with = |extra: &str| format!("{STARTER}\n{extra}");
    assert_eq!(
        Config::parse(&with(guild), "x", &Steering::default()).expect("good").openid.len(),
        1
    );
    let unsafe_one = guild.replace("https://", "http://");
    assert!(refused(&with(&unsafe_one)).contains("begins with https://"));
    let twice = refused(&with(&format!("{guild}{guild}")));
    assert!(twice.contains("there are two [[openid]] \"guild\""), "{twice}");
}

#[test]
fn faults_say_where_and_what_to_do() {
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

/// A catalogue that is good, to break in one place after another.
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
fn what_is_sold_is_checked_with_line_and_column() {
    let with = |from: &str, to: &str| {
        assert!(SALES.contains(from), "{from}");
        format!("{STARTER}{}", SALES.replace(from, to))
    };
    let config =
        Config::parse(&with("web", "web"), "masthead.toml", &Steering::default()).expect("good");
    let catalogue = &config.publication.catalogue;
    assert_eq!(catalogue.prices()[0].amount.to_string(), "9.50 USD");
    assert_eq!(catalogue.offers()[0].ends, Some(jiff::civil::date(2027, 1, 31)));
    let faults = [
        ("currency = \"USD\"", "", "there is no currency for this amount"),
        ("currency = \"USD\"", "currency = \"DOLLAR\"", "is not a currency"),
        ("amount = \"9.50\"", "amount = \"9.505\"", "write one such as \"9.00\""),
        ("amount = \"9.50\"", "amount = \"0\"", "more than nothing"),
        ("channels = [\"web\", \"app\"]", "channels = []", "at least one channel"),
        ("channels = [\"web\", \"app\"]", "channels = [\"wep\"]", "there is no channel"),
        ("product = \"web\"", "product = \"wed\"", "there is no product \"wed\"; there are web"),
        ("every = \"1 month\"", "every = \"monthly\"", "is not a length of time"),
        ("slug = \"winter\"", "slug = \"web-monthly\"", "offers none that a price has"),
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
fn a_broken_message_is_refused_with_its_field_and_place() {
    let message = "\n[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"{{numberArticlesleft}}\"\n";
    let error = refused(&format!("{STARTER}{message}"));
    assert!(error.contains("text") && error.contains("column"), "{error}");
    assert!(error.contains("numberArticlesLeft"), "{error}");
}

#[test]
fn what_is_set_at_the_desk_goes_before_the_file_and_leaves_the_rest() {
    let steering = Steering::default()
        .with(Steered::Meter, "[meter]\nanonymous = \"1\"\n\n[[rules]]\ntier = \"free\"\n")
        .with(Steered::Messages, "messages = []\n")
        .with(Steered::Sections, "[[sections]]\nslug = \"town\"\nname = \"Town\"\n")
        .with(Steered::Fronts, "[[fronts]]\npage = \"/news\"\ntop = [\"most-read\"]\n")
        .with(Steered::Offers, "")
        .with(Steered::Experiment, "[experiment]\nnumber = 3\nanonymous = \"2\"\n");
    let config = Config::parse(STARTER, "masthead.toml", &steering).expect("good");
    let policy = &config.publication.policy;
    assert_eq!(policy.allowances.anonymous, Allowance::Articles(1));
    assert_eq!((policy.rules.len(), config.fresh_per_network), (1, Some(300)));
    assert!(config.own_messages.is_empty());
    assert_eq!(config.publication.fronts[0].page, "/news");
    let sections: Vec<_> = config.sections().into_iter().map(|section| section.slug).collect();
    assert_eq!(sections, ["town"]);
    let tried = Treatment::Anonymous(Allowance::Articles(2));
    assert_eq!(config.publication.experiment, Some(Experiment { number: 3, tried }));
    let wrong = steering.with(Steered::Meter, "[meter]\nanonymos = 1\n");
    let error = Config::parse(STARTER, "masthead.toml", &wrong).err().expect("refused");
    assert!(error.to_string().contains("did you mean \"anonymous\"?"), "{error}");
}

#[test]
fn fronts_are_read_and_what_cannot_be_arranged_is_refused() {
    let fronts = "\n[[fronts]]\npage = \"/\"\ntop = [\"/news/a\", \"section:news\"]\nshelves = [\"most-read\"]\n";
    let config =
        Config::parse(&format!("{STARTER}{fronts}"), "masthead.toml", &Steering::default());
    let front = config.expect("good").publication.fronts.remove(0);
    assert_eq!((front.top.len(), front.shelves.len()), (2, 1));
    for (wrong, says) in [
        ("page = \"news\"", "write / for the home page"),
        ("page = \"/\"\ntop = [\"newest\"]", "names nothing that can stand on a front"),
        ("page = \"/\"\n[[fronts]]\npage = \"/\"", "there are two [[fronts]] for /"),
        ("page = \"/\"\nshelfs = []", "did you mean \"shelves\"?"),
    ] {
        let error = refused(&format!("{STARTER}\n[[fronts]]\n{wrong}\n"));
        assert!(error.contains(says) && error.contains("column"), "{wrong}: {error}");
    }
}

#[test]
fn offers_of_the_desk_go_before_those_of_the_file() {
    let sold = "\n[subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
                [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n\
                [[offers]]\nslug = \"spring\"\nprice = \"monthly\"\nfirst = \"1\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    let file = format!("{STARTER}{sold}");
    let autumn = "[[offers]]\nslug = \"autumn\"\nprice = \"monthly\"\nfirst = \"2\"\nlasts = \"1 month\"\nfor = \"new\"\nends = \"2027-11-30\"\n";
    let message = "[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"Take it\"\noffer = \"spring\"\n";
    let steered = |offers: &str, messages: &str| {
        let steering =
            Steering::default().with(Steered::Offers, offers).with(Steered::Messages, messages);
        Config::parse(&file, "masthead.toml", &steering)
    };
    let config = steered(autumn, "").expect("good");
    let offers = config.publication.catalogue.offers();
    assert_eq!((offers.len(), offers[0].slug.as_str()), (1, "autumn"));
    assert!(steered("", message).is_ok());
    // What a message speaks of cannot be taken out from under it.
    let error = steered(autumn, message).err().expect("refused").to_string();
    assert!(
        error.contains("the message meter.left, banner: there is no offer \"spring\""),
        "{error}"
    );
    let wrong = autumn.replace("\"monthly\"", "\"weekly\"");
    let error = steered(&wrong, "").err().expect("refused").to_string();
    assert!(error.contains("there is no price \"weekly\""), "{error}");
    let unknown = steered(&autumn.replace("first", "frist"), "").err().expect("refused");
    assert!(unknown.to_string().contains("did you mean \"first\"?"), "{unknown}");
}

#[test]
fn products_of_the_desk_go_before_those_of_the_file_and_its_offers_hold_to_them() {
    let sold = "\n[subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
                [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n\
                [[offers]]\nslug = \"spring\"\nprice = \"monthly\"\nfirst = \"1\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    let file = format!("{STARTER}{sold}");
    let read = |products: &str| {
        let steering = Steering::default().with(Steered::Products, products);
        Config::parse(&file, "masthead.toml", &steering)
    };
    let print = "[subscriptions]\ncurrency = \"EUR\"\ngrace = \"36 hours\"\n[[products]]\nslug = \"print\"\nname = \"Print\"\n\
                 channels = [\"print\"]\n[[prices]]\nslug = \"monthly\"\nproduct = \"print\"\namount = \"30\"\nevery = \"1 month\"\n";
    let config = read(print).expect("good").publication;
    assert_eq!(config.catalogue.products()[0].slug, "print");
    assert_eq!(config.grace, jiff::SignedDuration::from_hours(36));
    let error = read("[subscriptions]\ncurrency = \"EUR\"\n").err().expect("refused").to_string();
    assert!(error.contains("in the offer \"spring\": there is no price \"monthly\""), "{error}");
}
