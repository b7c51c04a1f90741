//! Settings of every kind, as a publisher could write them.

use std::num::NonZeroU16;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use masthead_access::{
    Allowance, Allowances, CrawlerAccess, Policy, Rule, Tier, Window,
    message::{Message, Moment, Placement},
};
use masthead_circulation::{BillingInterval, Channel, Unit, WithdrawalPeriod};
use masthead_editorial::{SlugScript, TeaserLength, color::Color};
use masthead_settings::{
    AccessLogFormat, ActionSettings, AppearancePart, AppearanceSettings, AudienceKind,
    BackupInterval, BackupSettings, BackupsPart, BreakingPart, BreakingSettings, CrawlerSettings,
    CrawlersMayRead, ExperimentPart, ExperimentSettings, FooterGroupSettings, FrontSettings,
    FrontsPart, IdentitySettings, LogFormat, MailSettings, MenuLinkSettings, MenusPart,
    MenusSettings, MessageSettings, MessagesPart, MeterPart, MeterSettings, OfferSettings,
    OffersPart, OpenidSettings, PartSettings, PaymentsSettings, PicturesSettings, PriceSettings,
    ProductSettings, ProductsPart, PublicationPart, PublicationSettings, PublisherSettings,
    RetentionPart, RetentionSettings, RuleSettings, SecretText, SectionsPart, SellerPart,
    SellerSettings, ServerSettings, StripSettings, SubscriptionsSettings, TlsSettings,
};
use proptest::{option, prelude::*, sample::select};

pub use super::sections::section;
use super::sections::topic;

pub const EUR: &str = "EUR";

/// Any text at all: quotes, line breaks, controls.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z ]{0,12}", "(?s).{0,12}", "\"{0,3}'{0,3}\\\\?\n?#?"]
}

fn listen_address() -> impl Strategy<Value = String> {
    let hosts = select(vec!["127.0.0.1", "0.0.0.0", "[::1]", "localhost"]);
    (hosts, any::<u16>()).prop_map(|(host, port)| format!("{host}:{port}"))
}

pub fn slug() -> impl Strategy<Value = String> {
    "[a-z]{1,6}(-[a-z0-9]{1,4})?"
}

fn secret() -> impl Strategy<Value = SecretText> {
    text().prop_map(|text| SecretText::from(text.as_str()))
}

fn list<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(of, 0..3)
}

fn length() -> impl Strategy<Value = SignedDuration> {
    prop_oneof![
        (0_i64..4000).prop_map(|days| SignedDuration::from_hours(days * 24)),
        (0_i64..4000).prop_map(SignedDuration::from_hours),
        (0_i64..400_000_000).prop_map(SignedDuration::from_secs),
        (0_i64..1_000_000, 0_i32..1_000_000_000)
            .prop_map(|(secs, nanos)| SignedDuration::new(secs, nanos)),
    ]
}

fn interval() -> impl Strategy<Value = BillingInterval> {
    (1_u16..11, select(vec![Unit::Day, Unit::Week, Unit::Month, Unit::Year]))
        .prop_map(|(count, unit)| BillingInterval { count, unit })
}

fn allowance() -> impl Strategy<Value = Allowance> {
    prop_oneof![(0..=Allowance::MAX).prop_map(Allowance::Articles), Just(Allowance::Unlimited)]
}

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![
        Just(Tier::Free),
        Just(Tier::Metered),
        Just(Tier::Registered),
        Just(Tier::Subscribers),
        prop::collection::vec(slug(), 1..3).prop_map(Tier::Product),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![Just(Window::Month), Just(Window::Week), (1_u16..=366).prop_map(Window::Days)]
}

fn teaser() -> impl Strategy<Value = TeaserLength> {
    prop_oneof![
        (0_usize..99).prop_map(TeaserLength::Paragraphs),
        (0_usize..999).prop_map(TeaserLength::Words)
    ]
}

pub fn rule() -> impl Strategy<Value = Rule> {
    let named = || option::of(text());
    (tier(), (named(), named(), named(), named()), option::of(length()), option::of(length()))
        .prop_map(|(tier, (section, topic, author, kind), younger_than, older_than)| Rule {
            tier,
            section,
            topic,
            author,
            kind,
            younger_than,
            older_than,
        })
}

pub fn policy() -> impl Strategy<Value = (Policy, TeaserLength)> {
    let crawlers = select(vec![CrawlerAccess::Teasers, CrawlerAccess::Metered]);
    (
        (window(), allowance(), allowance(), tier(), teaser()),
        crawlers,
        list(rule()),
        option::of(1_u32..9999),
    )
        .prop_map(|((window, anonymous, registered, tier, teaser), crawlers, rules, limit)| {
            let policy = Policy {
                window,
                allowances: Allowances { anonymous, registered },
                rules,
                default_tier: tier,
                crawlers,
                first_reads_per_network: limit,
                ..Policy::new(TimeZone::UTC)
            };
            (policy, teaser)
        })
}

fn meter() -> impl Strategy<Value = MeterSettings> {
    let crawlers = select(vec![CrawlersMayRead::Teasers, CrawlersMayRead::Metered]);
    ((window(), allowance(), allowance(), tier(), teaser()), crawlers, option::of(any::<u32>()))
        .prop_map(
            |((window, anonymous, registered, default_tier, teaser), crawlers, per_network)| {
                MeterSettings {
                    window,
                    anonymous,
                    registered,
                    default_tier,
                    teaser,
                    crawlers,
                    first_reads_per_network: per_network,
                }
            },
        )
}

pub fn front() -> impl Strategy<Value = FrontSettings> {
    let rule = || {
        prop_oneof![
            Just("latest".to_owned()),
            Just("most-read".to_owned()),
            slug().prop_map(|slug| format!("section:{slug}")),
        ]
    };
    let list = prop_oneof![
        Just(vec!["most-read".to_owned()]),
        slug().prop_map(|slug| vec![format!("topic:{slug}")]),
        slug().prop_map(|slug| vec![format!("topic:{slug} as opinion")]),
        Just(Vec::new())
    ];
    (option::of(slug()), prop::collection::vec(rule(), 0..4), list).prop_map(
        |(section, top, lists)| match section {
            None => FrontSettings { page: "/".to_owned(), top, lists },
            Some(slug) => FrontSettings { page: format!("/{slug}"), top, lists: Vec::new() },
        },
    )
}

fn strip() -> impl Strategy<Value = StripSettings> {
    let source = select(vec!["tides.json", "https://tides.example/today.json"]);
    (text(), source, length(), length()).prop_map(|(label, source, every, stale_after)| {
        StripSettings { label, source: source.to_owned(), every, stale_after }
    })
}

fn amount() -> impl Strategy<Value = String> {
    (1_u32..9999, 0_u32..100).prop_map(|(major, minor)| format!("{major}.{minor:02}"))
}

pub fn products() -> impl Strategy<Value = ProductsPart> {
    let tax = || option::of((0_u16..10_000).prop_map(|rate| rate.try_into().expect("a rate")));
    let currency = option::of(select(vec![EUR, "USD", "JPY"]));
    let subscriptions = (currency, length(), 14_u16..=366, tax(), any::<[bool; 2]>()).prop_map(
        |(currency, grace, days, tax, [folds_addresses, cancels_at_once])| SubscriptionsSettings {
            currency: currency.and_then(|code| code.parse().ok()),
            grace,
            withdrawal: WithdrawalPeriod::new(days).expect("days"),
            tax,
            folds_addresses,
            cancels_at_once,
        },
    );
    let channels = prop::sample::subsequence(Channel::all().collect::<Vec<_>>(), 0..=4);
    let product = (slug(), text(), text(), channels, list(text()), any::<bool>(), tax()).prop_map(
        |(slug, name, description, channels, benefits, recommended, tax)| ProductSettings {
            slug,
            name,
            description,
            recommended,
            tax,
            channels,
            benefits,
        },
    );
    let price = (slug(), text(), amount(), interval())
        .prop_map(|(slug, product, amount, every)| PriceSettings { slug, product, amount, every });
    (subscriptions, list(product), list(price)).prop_map(|(subscriptions, products, prices)| {
        ProductsPart { subscriptions, products, prices }
    })
}

pub fn offer() -> impl Strategy<Value = OfferSettings> {
    let audience = prop_oneof![
        select(vec![AudienceKind::New, AudienceKind::Lapsed, AudienceKind::Everyone])
            .prop_map(|kind| (kind, Vec::new())),
        prop::collection::vec(text(), 1..3).prop_map(|codes| (AudienceKind::Code, codes)),
    ];
    let ends = (1_i16..=9999, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| Date::constant(year, month, day));
    (
        (slug(), text(), text()),
        (amount(), interval(), any::<bool>()),
        audience,
        option::of(ends),
        option::of(any::<u32>()),
    )
        .prop_map(
            |((slug, name, price), (first, lasts, card), (audience, codes), ends, limit)| {
                OfferSettings {
                    slug,
                    name,
                    price,
                    first,
                    lasts,
                    card,
                    audience,
                    codes,
                    ends,
                    limit,
                }
            },
        )
}

/// Words of a message, with a variable that every moment has.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z {}\"\n]{0,9}".prop_map(|words| words.replace("{{", "").replace("{{", "")),
        Just("{{publication}} & more".to_owned()),
        Just(
            "{{#readerName}}Hello {{readerName}}.{{/readerName}}{{^readerName}}Hi{{/readerName}}"
                .to_owned()
        ),
    ]
}

pub fn message() -> impl Strategy<Value = MessageSettings> {
    let link = select(vec!["/offers", "https://example.org/x", "mailto:help@example.org"]);
    let action =
        (words(), link).prop_map(|(label, link)| ActionSettings { label, link: link.to_owned() });
    (
        (select(Moment::ALL.to_vec()), select(Placement::ALL.to_vec())),
        (words(), words(), option::of(words())),
        list(words()),
        option::of(text()),
        prop::collection::vec(action, 0..=Message::MAX_ACTIONS),
    )
        .prop_map(|((moment, placement), (title, text, narrow), benefits, offer, actions)| {
            MessageSettings { moment, placement, title, text, narrow, benefits, offer, actions }
        })
}

pub fn experiment() -> impl Strategy<Value = ExperimentSettings> {
    let tried = prop_oneof![
        allowance().prop_map(|allowance| (Some(allowance), None)),
        message().prop_map(|message| (None, Some(message))),
    ];
    (any::<u32>(), tried).prop_map(|(number, (anonymous, message))| ExperimentSettings {
        number,
        anonymous,
        message,
    })
}

pub fn breaking() -> impl Strategy<Value = BreakingSettings> {
    let link = select(vec!["", "/town/bridge", "https://example.org/live"]);
    ("[a-z \"'&]{0,20}[a-z]", link, 0_i64..4_000_000_000).prop_map(|(text, link, until)| {
        let until = Timestamp::from_second(until).expect("a time");
        BreakingSettings { text: text.trim().to_owned(), link: link.to_owned(), until }
    })
}

pub fn part() -> impl Strategy<Value = PartSettings> {
    let rules = || list(rule().prop_map(|rule| RuleSettings::from(&rule)));
    prop_oneof![
        (meter(), rules())
            .prop_map(|(meter, rules)| PartSettings::Meter(MeterPart { meter, rules })),
        list(section()).prop_map(|sections| PartSettings::Sections(SectionsPart { sections })),
        list(front()).prop_map(|fronts| PartSettings::Fronts(FrontsPart { fronts })),
        products().prop_map(PartSettings::Products),
        list(offer()).prop_map(|offers| PartSettings::Offers(OffersPart { offers })),
        list(message()).prop_map(|messages| PartSettings::Messages(MessagesPart { messages })),
        experiment().prop_map(|experiment| PartSettings::Experiment(ExperimentPart { experiment })),
        breaking().prop_map(|breaking| PartSettings::Breaking(BreakingPart { breaking })),
        (text(), text()).prop_map(|(seller, transfer)| {
            PartSettings::Seller(SellerPart { payments: SellerSettings { seller, transfer } })
        }),
        appearance().prop_map(|appearance| PartSettings::Appearance(AppearancePart { appearance })),
        menus().prop_map(|menus| PartSettings::Menus(MenusPart { menus })),
        retention().prop_map(|retention| PartSettings::Retention(RetentionPart { retention })),
        backups().prop_map(|backups| PartSettings::Backups(BackupsPart { backups })),
        publication().prop_map(|set| PartSettings::Publication(PublicationPart {
            publication: IdentitySettings {
                name: set.name,
                tagline: set.tagline,
                locale: set.locale,
                zone: set.zone,
                slugs: Some(set.slugs),
            },
        })),
    ]
}

fn publication() -> impl Strategy<Value = PublicationSettings> {
    let address = select(vec!["https://paper.example", "http://localhost:8080"]);
    let locale = select(vec!["en", "en-GB", "de", "ja"]);
    let zone = select(vec!["UTC", "Europe/London", "Asia/Tokyo"]);
    let name = text().prop_filter("not blank", |name| !name.trim().is_empty());
    let slugs = select(vec![SlugScript::Latin, SlugScript::OwnScript]);
    let all = (name, text(), address, locale, zone, slugs);
    all.prop_map(|(name, tagline, address, locale, zone, slugs)| PublicationSettings {
        name,
        tagline,
        address: address.to_owned(),
        locale: locale.to_owned(),
        zone: TimeZone::get(zone).expect("a zone"),
        slugs,
    })
}

fn server() -> impl Strategy<Value = ServerSettings> {
    let proxies = list(select(vec!["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]));
    let numbers = (1..=1_000_000_u64, 1..=10_000_000_usize);
    let texts = (listen_address(), text(), secret());
    (texts, proxies, numbers, any::<bool>()).prop_map(
        |((listen, text, database), proxies, (page_cache, recent_readers), is_json)| {
            ServerSettings {
                listen,
                data: text.clone(),
                database,
                theme: text.clone(),
                backups: text,
                trusted_proxies: proxies.iter().map(|n| n.parse().expect("a network")).collect(),
                forwarding_header: if is_json { "forwarded" } else { "x-real-ip" }
                    .parse()
                    .expect("a header"),
                hosts: if is_json { vec!["staging.paper.example".to_owned()] } else { Vec::new() },
                https_subdomains: is_json,
                security_contact: if is_json { "mailto:security@paper.example" } else { "" }
                    .to_owned(),
                page_cache,
                recent_readers,
                log: if is_json { LogFormat::Json } else { LogFormat::Text },
                security_log: if is_json { "stdout".to_owned() } else { String::new() },
                access_log: if is_json { AccessLogFormat::Json } else { AccessLogFormat::Off },
                admin: if is_json { "127.0.0.1:9090".to_owned() } else { String::new() },
                admin_remote: is_json,
                admin_hosts: if is_json { vec!["masthead".to_owned()] } else { Vec::new() },
            }
        },
    )
}

fn tls() -> impl Strategy<Value = TlsSettings> {
    let redirect = option::of(listen_address()).prop_map(Option::unwrap_or_default);
    (text(), text(), redirect, text(), any::<bool>(), any::<bool>()).prop_map(
        |(certificate, key, redirect, acme_authority, acme, acme_terms_agreed)| TlsSettings {
            certificate,
            key,
            redirect,
            acme,
            acme_terms_agreed,
            acme_contact: if acme { "tech@paper.example" } else { "" }.to_owned(),
            acme_names: if acme { vec!["www.paper.example".to_owned()] } else { Vec::new() },
            acme_directory: "https://ca.example/directory".to_owned(),
            acme_authority,
        },
    )
}

fn pictures() -> impl Strategy<Value = PicturesSettings> {
    let endpoint = option::of(Just("https://s3.example".to_owned()));
    (text(), endpoint, text(), secret(), secret()).prop_map(
        |(bucket, endpoint, region, access_key, secret_key)| PicturesSettings {
            bucket,
            endpoint,
            region,
            access_key,
            secret_key,
        },
    )
}

fn payments() -> impl Strategy<Value = PaymentsSettings> {
    let flags = (any::<bool>(), any::<bool>());
    (secret(), secret(), flags, (text(), text()), option::of(text())).prop_map(
        |(stripe_key, webhook_secret, (sandbox, tax), (seller, transfer), api)| PaymentsSettings {
            stripe_key,
            webhook_secret,
            sandbox,
            tax,
            seller,
            transfer,
            api,
        },
    )
}

fn openid() -> impl Strategy<Value = OpenidSettings> {
    (slug(), text(), text(), secret()).prop_map(|(slug, name, client_id, client_secret)| {
        let issuer = format!("https://{slug}.example");
        OpenidSettings { slug, name, issuer, client_id, client_secret }
    })
}

fn appearance() -> impl Strategy<Value = AppearanceSettings> {
    let color = || {
        let channels = any::<[u8; 3]>();
        option::of(channels.prop_map(|[red, green, blue]| Color::new(red, green, blue)))
    };
    let logo = || {
        let names = select(vec!["/media/5f-240x48.svg", "/media/6a-300x60.png"]);
        option::of(names.prop_map(|src| src.parse().expect("a logo")))
    };
    (color(), color(), logo(), logo()).prop_map(|(accent, accent_dark, logo, logo_dark)| {
        AppearanceSettings { accent, accent_dark, logo, logo_dark }
    })
}

pub fn menus() -> impl Strategy<Value = MenusSettings> {
    let to = || {
        select(vec![
            "/town",
            "/topic/tides",
            "https://example.org/?a=b",
            "mailto:a@example.org",
            "other-sections",
        ])
    };
    let link =
        move || {
            (to(), "[a-z\"'&]{1,20}", any::<bool>()).prop_map(|(to, label, hidden)| {
                MenuLinkSettings { to: to.to_owned(), label, hidden }
            })
        };
    let links = move || {
        list(link()).prop_map(|mut links| {
            links.sort_by(|one, other| one.to.cmp(&other.to));
            links.dedup_by(|one, other| one.to == other.to);
            links
        })
    };
    let group = ("[a-z]{1,20}", links())
        .prop_map(|(heading, links)| FooterGroupSettings { heading, links });
    (links(), option::of(group)).prop_map(|(navigation, group)| MenusSettings {
        navigation,
        footer: group.into_iter().collect(),
    })
}

fn retention() -> impl Strategy<Value = RetentionSettings> {
    any::<[u16; 6]>().prop_map(|days| RetentionSettings {
        webhook_days: days[0],
        hourly_count_days: days[1],
        daily_count_days: days[2],
        revision_days: days[3],
        audit_days: days[4],
        address_days: days[5],
    })
}

fn backups() -> impl Strategy<Value = BackupSettings> {
    let every = select(vec![BackupInterval::Never, BackupInterval::Day, BackupInterval::Week]);
    let kept = 1..=BackupSettings::MAX_KEPT;
    (every, 0..24_i8, kept).prop_map(|(every, hour, keep)| BackupSettings { every, hour, keep })
}

pub fn publisher() -> impl Strategy<Value = PublisherSettings> {
    let texts = [text(), text(), text()];
    let selector = select(vec!["", "mail2026", "a.b-c_d"]);
    let mail = (texts, selector, secret(), any::<bool>(), any::<NonZeroU16>()).prop_map(
        |([from, reply_to, bounces], selector, relay, smtputf8, keep_days)| MailSettings {
            from,
            reply_to,
            bounces,
            dkim_selector: selector.to_owned(),
            relay,
            smtputf8,
            keep_days,
        },
    );
    let crawler = text().prop_map(|user_agent| CrawlerSettings {
        user_agent,
        networks: vec!["192.0.2.0/24".parse().expect("a network")],
    });
    (
        (
            (publication(), appearance()),
            (server(), tls()),
            pictures(),
            (mail, retention(), backups()),
            payments(),
            list(openid()),
        ),
        (meter(), list(rule()), list(crawler)),
        ((list(section()), menus()), list(topic()), list(front()), list(strip())),
        (products(), list(offer())),
        list(message()),
    )
        .prop_map(
            |(
                services,
                (meter, rules, crawlers),
                ((sections, menus), topics, fronts, strips),
                sold,
                messages,
            )| {
                let (
                    (publication, appearance),
                    (server, tls),
                    pictures,
                    (mail, retention, backups),
                    payments,
                    openid,
                ) = services;
                let (ProductsPart { subscriptions, products, prices }, offers) = sold;
                PublisherSettings {
                    publication,
                    appearance,
                    server,
                    tls,
                    pictures,
                    mail,
                    retention,
                    backups,
                    payments,
                    openid,
                    meter,
                    rules: rules.iter().map(RuleSettings::from).collect(),
                    sections,
                    menus,
                    topics,
                    fronts,
                    strips,
                    subscriptions,
                    products,
                    prices,
                    offers,
                    messages,
                    crawlers,
                    experiment: None,
                    breaking: None,
                }
            },
        )
}
