//! The built-in messages in French.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " ce mois-ci",
    this_week: " cette semaine",
    resets: "{{#resetsOn}}Vous pourrez de nouveau en lire {{allowance}} à partir du {{resetsOn}}. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}Vous pourrez lire d’autres articles à partir du {{resetsOn}}. {{/resetsOn}}",
    meter_page: "Comment nous comptons",
    offers: "Voir les abonnements",
    account: "Gérer mon compte",
    register: "Créer un compte gratuit",
    update_payment: "Vérifier mon paiement",
    meter_left: DefaultText {
        title: "",
        text: "Il vous reste {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} article gratuit{{other}}{{numberArticlesLeft}} articles gratuits{{/plural}}{period}.",
        narrow: "Encore {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} article gratuit{{other}}{{numberArticlesLeft}} articles gratuits{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "C’est votre dernier article gratuit{period}.",
        narrow: "C’est votre dernier article gratuit.",
    },
    wall_meter: titled(
        "Vous avez lu {{#plural allowance}}{{one}}votre article gratuit{{other}}vos {{allowance}} articles gratuits{{/plural}}{period}",
        "{reset}Les articles que vous avez déjà ouverts restent accessibles.",
    ),
    wall_register: titled(
        "Poursuivez votre lecture avec un compte gratuit",
        "{{#registeredMore}}Créez un compte gratuit et lisez encore {{#plural registeredMore}}{{one}}{{registeredMore}} article{{other}}{{registeredMore}} articles{{/plural}}{period}. {{/registeredMore}}Aucun mot de passe n’est nécessaire.",
    ),
    wall_subscribers: titled(
        "Cet article est réservé aux abonnés",
        "Les abonnements financent le travail de {{publication}}.",
    ),
    wall_product: titled(
        "Cet article fait partie d’une édition spéciale",
        "Il est réservé aux lecteurs qui ont acheté cette édition de {{publication}}.",
    ),
    wall_trial_ended: titled(
        "Votre essai est terminé",
        "Votre essai de {{publication}} s’est terminé le {{endedOn}}. Nous espérons qu’il vous a plu.",
    ),
    wall_subscription_ended: titled(
        "Votre abonnement est terminé",
        "Votre abonnement à {{publication}} s’est terminé le {{endedOn}}. Nous serions heureux de vous retrouver.",
    ),
    wall_subscription_paused: titled(
        "Votre abonnement est suspendu{{#pausedUntil}} jusqu’au {{pausedUntil}}{{/pausedUntil}}",
        "Rien n’est prélevé pendant ce temps, et vos jours restants sont conservés. Reprenez votre abonnement pour lire cet article.",
    ),
    trial_ending: plain(
        "Votre essai se termine le {{endedOn}}.{{#price}} Pour continuer ensuite\u{a0}: {{price}}.{{#offerEnds}} Offre valable jusqu’au {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Votre essai s’est terminé le {{endedOn}}."),
    subscription_ending: plain(
        "Votre abonnement se termine le {{endedOn}}. D’ici là, vous pouvez tout lire.",
    ),
    subscription_ended: plain("Votre abonnement s’est terminé le {{endedOn}}."),
    payment_failed: plain(
        "Nous n’avons pas encore reçu votre dernier paiement. Vous pouvez continuer à lire jusqu’au {{endedOn}}.",
    ),
    offer: plain(
        "{{#price}}Lisez {{publication}} sans limite\u{a0}: {{price}}.{{#offerEnds}} Offre valable jusqu’au {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Abonnez-vous pour lire {{publication}} sans limite.{{/price}}",
    ),
};
