//! The built-in messages in German.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " in diesem Monat",
    this_week: " in dieser Woche",
    resets: "{{#resetsOn}}Ab dem {{resetsOn}} können Sie wieder {{allowance}} lesen. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}Ab dem {{resetsOn}} können Sie mehr lesen. {{/resetsOn}}",
    meter_page: "So zählen wir",
    offers: "Abo-Angebote ansehen",
    account: "Konto verwalten",
    register: "Kostenloses Konto anlegen",
    update_payment: "Zahlungsdaten prüfen",
    meter_left: DefaultText {
        title: "",
        text: "Sie haben{period} noch {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} freien Artikel{{other}}{{numberArticlesLeft}} freie Artikel{{/plural}}.",
        narrow: "Noch {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} freier Artikel{{other}}{{numberArticlesLeft}} freie Artikel{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "Das ist Ihr letzter freier Artikel{period}.",
        narrow: "Das ist Ihr letzter freier Artikel.",
    },
    wall_meter: titled(
        "Sie haben{period} {{#plural allowance}}{{one}}Ihren freien Artikel{{other}}Ihre {{allowance}} freien Artikel{{/plural}} gelesen",
        "{reset}Artikel, die Sie schon geöffnet haben, können Sie weiter lesen.",
    ),
    wall_register: titled(
        "Mit einem kostenlosen Konto weiterlesen",
        "{{#registeredMore}}Legen Sie ein kostenloses Konto an und lesen Sie{period} {{#plural registeredMore}}{{one}}noch {{registeredMore}} weiteren Artikel{{other}}noch {{registeredMore}} weitere Artikel{{/plural}}. {{/registeredMore}}Sie brauchen kein Passwort.",
    ),
    wall_subscribers: titled(
        "Dieser Artikel ist für Abonnenten",
        "Abos finanzieren die Arbeit von {{publication}}.",
    ),
    wall_product: titled(
        "Dieser Artikel gehört zu einer Sonderausgabe",
        "Er ist für alle, die diese Ausgabe von {{publication}} gekauft haben.",
    ),
    wall_trial_ended: titled(
        "Ihr Probeabo ist beendet",
        "Ihr Probeabo von {{publication}} endete am {{endedOn}}. Wir hoffen, es hat Ihnen gefallen.",
    ),
    wall_subscription_ended: titled(
        "Ihr Abo ist beendet",
        "Ihr Abo von {{publication}} endete am {{endedOn}}. Wir würden uns freuen, wenn Sie wiederkommen.",
    ),
    wall_subscription_paused: titled(
        "Ihr Abo pausiert{{#pausedUntil}} bis zum {{pausedUntil}}{{/pausedUntil}}",
        "Zurzeit wird nichts abgebucht, und Ihre restlichen Tage bleiben Ihnen erhalten. Setzen Sie das Abo fort, um diesen Artikel zu lesen.",
    ),
    trial_ending: plain(
        "Ihr Probeabo endet am {{endedOn}}.{{#price}} Danach weiterlesen: {{price}}.{{#offerEnds}} Das Angebot gilt bis zum {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Ihr Probeabo endete am {{endedOn}}."),
    subscription_ending: plain("Ihr Abo endet am {{endedOn}}. Bis dahin können Sie alles lesen."),
    subscription_ended: plain("Ihr Abo endete am {{endedOn}}."),
    payment_failed: plain(
        "Ihre letzte Zahlung ist noch nicht eingegangen. Sie können bis zum {{endedOn}} weiterlesen.",
    ),
    offer: plain(
        "{{#price}}Lesen Sie {{publication}} ohne Grenzen: {{price}}.{{#offerEnds}} Das Angebot gilt bis zum {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Lesen Sie {{publication}} ohne Grenzen: mit einem Abo.{{/price}}",
    ),
};
