//! The built-in messages in Dutch.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " deze maand",
    this_week: " deze week",
    resets: "{{#resetsOn}}Vanaf {{resetsOn}} kunt u er weer {{allowance}} lezen. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}Vanaf {{resetsOn}} kunt u meer lezen. {{/resetsOn}}",
    meter_page: "Zo tellen we",
    offers: "Bekijk de abonnementen",
    account: "Beheer uw account",
    register: "Maak een gratis account",
    update_payment: "Controleer uw betaling",
    meter_left: DefaultText {
        title: "",
        text: "U heeft{period} nog {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} gratis artikel{{other}}{{numberArticlesLeft}} gratis artikelen{{/plural}}.",
        narrow: "Nog {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} gratis artikel{{other}}{{numberArticlesLeft}} gratis artikelen{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "Dit is uw laatste gratis artikel{period}.",
        narrow: "Dit is uw laatste gratis artikel.",
    },
    wall_meter: titled(
        "U heeft{period} {{#plural allowance}}{{one}}uw gratis artikel{{other}}uw {{allowance}} gratis artikelen{{/plural}} gelezen",
        "{reset}Artikelen die u al heeft geopend, kunt u blijven lezen.",
    ),
    wall_register: titled(
        "Lees verder met een gratis account",
        "{{#registeredMore}}Maak een gratis account en lees{period} nog {{#plural registeredMore}}{{one}}{{registeredMore}} artikel{{other}}{{registeredMore}} artikelen{{/plural}}. {{/registeredMore}}U heeft geen wachtwoord nodig.",
    ),
    wall_subscribers: titled(
        "Dit artikel is voor abonnees",
        "Abonnementen maken het werk van {{publication}} mogelijk.",
    ),
    wall_product: titled(
        "Dit artikel hoort bij een speciale editie",
        "Het is beschikbaar voor lezers die deze editie van {{publication}} hebben gekocht.",
    ),
    wall_trial_ended: titled(
        "Uw proefperiode is afgelopen",
        "Uw proefperiode van {{publication}} eindigde op {{endedOn}}. We hopen dat het u is bevallen.",
    ),
    wall_subscription_ended: titled(
        "Uw abonnement is afgelopen",
        "Uw abonnement op {{publication}} eindigde op {{endedOn}}. We zien u graag terug.",
    ),
    wall_subscription_paused: titled(
        "Uw abonnement is gepauzeerd{{#pausedUntil}} tot {{pausedUntil}}{{/pausedUntil}}",
        "Er wordt nu niets afgeschreven en uw resterende dagen blijven behouden. Hervat uw abonnement om dit artikel te lezen.",
    ),
    trial_ending: plain(
        "Uw proefperiode eindigt op {{endedOn}}.{{#price}} Daarna verder lezen: {{price}}.{{#offerEnds}} Aanbod geldig tot en met {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Uw proefperiode eindigde op {{endedOn}}."),
    subscription_ending: plain(
        "Uw abonnement eindigt op {{endedOn}}. Tot die tijd kunt u alles lezen.",
    ),
    subscription_ended: plain("Uw abonnement eindigde op {{endedOn}}."),
    payment_failed: plain(
        "We hebben uw laatste betaling nog niet ontvangen. U kunt blijven lezen tot en met {{endedOn}}.",
    ),
    offer: plain(
        "{{#price}}Lees {{publication}} onbeperkt: {{price}}.{{#offerEnds}} Aanbod geldig tot en met {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Neem een abonnement en lees {{publication}} onbeperkt.{{/price}}",
    ),
};
