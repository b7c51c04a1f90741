//! The built-in messages in Spanish.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " este mes",
    this_week: " esta semana",
    resets: "{{#resetsOn}}Podrá leer {{allowance}} más a partir del {{resetsOn}}. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}Podrá leer más a partir del {{resetsOn}}. {{/resetsOn}}",
    meter_page: "Cómo contamos",
    offers: "Ver suscripciones",
    account: "Gestionar mi cuenta",
    register: "Crear una cuenta gratuita",
    update_payment: "Revisar el pago",
    meter_left: DefaultText {
        title: "",
        text: "{{#plural numberArticlesLeft}}{{one}}Le queda {{numberArticlesLeft}} artículo gratuito{{other}}Le quedan {{numberArticlesLeft}} artículos gratuitos{{/plural}}{period}.",
        narrow: "{{#plural numberArticlesLeft}}{{one}}Le queda {{numberArticlesLeft}} artículo gratuito{{other}}Le quedan {{numberArticlesLeft}} artículos gratuitos{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "Este es su último artículo gratuito{period}.",
        narrow: "Este es su último artículo gratuito.",
    },
    wall_meter: titled(
        "Ya ha leído {{#plural allowance}}{{one}}su artículo gratuito{{other}}sus {{allowance}} artículos gratuitos{{/plural}}{period}",
        "{reset}Puede seguir leyendo los artículos que ya ha abierto.",
    ),
    wall_register: titled(
        "Siga leyendo con una cuenta gratuita",
        "{{#registeredMore}}Cree una cuenta gratuita y lea {{#plural registeredMore}}{{one}}{{registeredMore}} artículo más{{other}}{{registeredMore}} artículos más{{/plural}}{period}. {{/registeredMore}}No necesita contraseña.",
    ),
    wall_subscribers: titled(
        "Este artículo es para suscriptores",
        "Las suscripciones financian el trabajo de {{publication}}.",
    ),
    wall_product: titled(
        "Este artículo forma parte de una edición especial",
        "Está disponible para quienes han comprado esa edición de {{publication}}.",
    ),
    wall_trial_ended: titled(
        "Su prueba ha terminado",
        "Su prueba de {{publication}} terminó el {{endedOn}}. Esperamos que le haya gustado.",
    ),
    wall_subscription_ended: titled(
        "Su suscripción ha terminado",
        "Su suscripción a {{publication}} terminó el {{endedOn}}. Nos encantaría que volviera.",
    ),
    wall_subscription_paused: titled(
        "Su suscripción está en pausa{{#pausedUntil}} hasta el {{pausedUntil}}{{/pausedUntil}}",
        "Mientras tanto no se le cobra nada y conserva los días que le quedan. Reanude la suscripción para leer este artículo.",
    ),
    trial_ending: plain(
        "Su prueba termina el {{endedOn}}.{{#price}} Para seguir leyendo después: {{price}}.{{#offerEnds}} Oferta válida hasta el {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Su prueba terminó el {{endedOn}}."),
    subscription_ending: plain(
        "Su suscripción termina el {{endedOn}}. Hasta entonces puede leerlo todo.",
    ),
    subscription_ended: plain("Su suscripción terminó el {{endedOn}}."),
    payment_failed: plain(
        "Aún no hemos recibido su último pago. Puede seguir leyendo hasta el {{endedOn}}.",
    ),
    offer: plain(
        "{{#price}}Lea {{publication}} sin límites: {{price}}.{{#offerEnds}} Oferta válida hasta el {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Suscríbase para leer {{publication}} sin límites.{{/price}}",
    ),
};
