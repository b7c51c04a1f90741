//! The built-in messages in Polish.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " w tym miesiącu",
    this_week: " w tym tygodniu",
    resets: "{{#resetsOn}}Od {{resetsOn}} będzie można przeczytać kolejne artykuły: {{allowance}}. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}Od {{resetsOn}} będzie można przeczytać kolejne artykuły. {{/resetsOn}}",
    meter_page: "Jak liczymy artykuły",
    offers: "Zobacz subskrypcje",
    account: "Zarządzaj kontem",
    register: "Załóż bezpłatne konto",
    update_payment: "Sprawdź płatność",
    meter_left: DefaultText {
        title: "",
        text: "{{#plural numberArticlesLeft}}{{one}}Pozostał Państwu {{numberArticlesLeft}} bezpłatny artykuł{{few}}Pozostały Państwu {{numberArticlesLeft}} bezpłatne artykuły{{many}}Pozostało Państwu {{numberArticlesLeft}} bezpłatnych artykułów{{other}}Pozostało Państwu {{numberArticlesLeft}} bezpłatnego artykułu{{/plural}}{period}.",
        narrow: "{{#plural numberArticlesLeft}}{{one}}Pozostał {{numberArticlesLeft}} bezpłatny artykuł{{few}}Pozostały {{numberArticlesLeft}} bezpłatne artykuły{{many}}Pozostało {{numberArticlesLeft}} bezpłatnych artykułów{{other}}Pozostało {{numberArticlesLeft}} bezpłatnego artykułu{{/plural}}.",
    },
    meter_last: DefaultText {
        title: "",
        text: "To ostatni bezpłatny artykuł{period}.",
        narrow: "To ostatni bezpłatny artykuł.",
    },
    wall_meter: titled(
        "Limit bezpłatnych artykułów{period} został wykorzystany ({{allowance}})",
        "{reset}Artykuły już otwarte są nadal dostępne.",
    ),
    wall_register: titled(
        "Czytaj dalej z bezpłatnym kontem",
        "{{#registeredMore}}Załóż bezpłatne konto i przeczytaj jeszcze {{#plural registeredMore}}{{one}}{{registeredMore}} artykuł{{few}}{{registeredMore}} artykuły{{many}}{{registeredMore}} artykułów{{other}}{{registeredMore}} artykułu{{/plural}}{period}. {{/registeredMore}}Hasło nie jest potrzebne.",
    ),
    wall_subscribers: titled(
        "Ten artykuł jest dla subskrybentów",
        "Subskrypcje finansują pracę redakcji {{publication}}.",
    ),
    wall_product: titled(
        "Ten artykuł należy do wydania specjalnego",
        "Jest dostępny dla czytelników, którzy kupili to wydanie {{publication}}.",
    ),
    wall_trial_ended: titled(
        "Okres próbny dobiegł końca",
        "Okres próbny {{publication}} zakończył się {{endedOn}}. Mamy nadzieję, że lektura się podobała.",
    ),
    wall_subscription_ended: titled(
        "Subskrypcja dobiegła końca",
        "Subskrypcja {{publication}} zakończyła się {{endedOn}}. Zapraszamy ponownie.",
    ),
    wall_subscription_paused: titled(
        "Subskrypcja jest wstrzymana{{#pausedUntil}} do {{pausedUntil}}{{/pausedUntil}}",
        "W tym czasie nie pobieramy opłat, a pozostałe dni nie przepadną. Aby przeczytać ten artykuł, prosimy wznowić subskrypcję.",
    ),
    trial_ending: plain(
        "Okres próbny kończy się {{endedOn}}.{{#price}} Czytaj dalej: {{price}}.{{#offerEnds}} Oferta ważna do {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Okres próbny zakończył się {{endedOn}}."),
    subscription_ending: plain(
        "Subskrypcja kończy się {{endedOn}}. Do tego czasu wszystkie artykuły są dostępne.",
    ),
    subscription_ended: plain("Subskrypcja zakończyła się {{endedOn}}."),
    payment_failed: plain(
        "Nie otrzymaliśmy jeszcze ostatniej płatności. Można czytać dalej do {{endedOn}}.",
    ),
    offer: plain(
        "{{#price}}Pełny dostęp do {{publication}}: {{price}}.{{#offerEnds}} Oferta ważna do {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Subskrypcja daje pełny dostęp do {{publication}}.{{/price}}",
    ),
};
