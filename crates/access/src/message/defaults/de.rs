//! The words in German.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    meter_page: "So zählen wir",
    offers: "Angebote ansehen",
    account: "Ihr Konto",
    register: "Registrieren",
    update_payment: "In Ordnung bringen",
    meter_left: DefaultText {
        title: "",
        text: "Sie haben{{#resetsOn}} bis zum {{resetsOn}}{{/resetsOn}} noch {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} freien Artikel{{other}}{{numberArticlesLeft}} freie Artikel{{/plural}}.",
        narrow: "Noch {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} freier Artikel{{other}}{{numberArticlesLeft}} freie Artikel{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "Das ist{{#resetsOn}} bis zum {{resetsOn}}{{/resetsOn}} Ihr letzter freier Artikel. Sie können zu ihm zurückkehren, wann immer Sie mögen.",
        narrow: "Das ist Ihr letzter freier Artikel.",
    },
    wall_meter: titled(
        "Ihre freien Artikel sind gelesen.",
        "{{#resetsOn}}Am {{resetsOn}} können Sie mehr lesen.{{/resetsOn}} Bis dahin bleibt Ihnen alles offen, was Sie schon geöffnet haben.{{#price}} Oder lesen Sie alles: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}",
    ),
    wall_register: titled(
        "Registrieren Sie sich, um weiterzulesen.",
        "Es kostet nichts und braucht kein Passwort.{{#registeredAllowance}} Mit einem Konto können Sie{{#resetsOn}} bis zum {{resetsOn}}{{/resetsOn}} {{registeredAllowance}} Artikel lesen, auf allen Ihren Geräten zusammen.{{/registeredAllowance}} Was Sie schon geöffnet haben, bleibt Ihnen offen.{{#price}} Oder lesen Sie alles: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}",
    ),
    wall_subscribers: titled(
        "Dieser Artikel ist für Abonnenten.",
        "Abonnements bezahlen die Arbeit von {{publication}}.{{#price}} Lesen Sie alles: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}",
    ),
    wall_product: titled(
        "Dieser Artikel gehört zu einer besonderen Ausgabe.",
        "Er steht allen offen, die jene Ausgabe von {{publication}} gekauft haben.",
    ),
    wall_trial_ended: titled(
        "Ihre Probezeit ist zu Ende.",
        "Ihre Probezeit bei {{publication}} endete am {{endedOn}}. Wir hoffen, es hat Ihnen gefallen.{{#price}} Lesen Sie weiter: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}",
    ),
    wall_subscription_ended: titled(
        "Ihr Abonnement ist zu Ende.",
        "Ihr Abonnement von {{publication}} endete am {{endedOn}}. Wir würden uns freuen, wenn Sie wiederkommen.{{#price}} Kommen Sie zurück: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}",
    ),
    trial_ending: plain("Ihre Probezeit endet am {{endedOn}}."),
    trial_ended: plain("Ihre Probezeit endete am {{endedOn}}."),
    subscription_ending: plain(
        "Ihr Abonnement endet am {{endedOn}}. Bis dahin können Sie alles lesen.",
    ),
    subscription_ended: plain("Ihr Abonnement endete am {{endedOn}}."),
    payment_failed: plain(
        "Ihre letzte Zahlung ist nicht eingegangen. Sie können weiter alles lesen, während Sie das in Ordnung bringen.",
    ),
    offer: plain(
        "{{#price}}Lesen Sie {{publication}} ganz: {{price}}{{#offerEnds}}, wenn Sie bis zum {{offerEnds}} abonnieren{{/offerEnds}}.{{/price}}{{^price}}Lesen Sie {{publication}} ganz, mit einem Abonnement.{{/price}}",
    ),
};
