//! The built-in messages in English.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: " this month",
    this_week: " this week",
    resets: "{{#resetsOn}}You’ll get {{allowance}} more on {{resetsOn}}. {{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}You can read more from {{resetsOn}}. {{/resetsOn}}",
    meter_page: "How the meter works",
    offers: "See subscription options",
    account: "Manage your account",
    register: "Create a free account",
    update_payment: "Check payment details",
    meter_left: DefaultText {
        title: "",
        text: "You have {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}} left{period}.",
        narrow: "{{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}} left.",
    },
    meter_last: DefaultText {
        title: "",
        text: "This is your last free article{period}.",
        narrow: "This is your last free article.",
    },
    wall_meter: titled(
        "You’ve read your {{allowance}} free article{{allowance-plural}}{period}",
        "{reset}You can still read the articles you’ve already opened.",
    ),
    wall_register: titled(
        "Keep reading with a free account",
        "{{#registeredMore}}Create a free account and read {{#plural registeredMore}}{{one}}{{registeredMore}} more article{{other}}{{registeredMore}} more articles{{/plural}}{period}. {{/registeredMore}}There’s no password.",
    ),
    wall_subscribers: titled(
        "This article is for subscribers",
        "Subscriptions pay for the reporting in {{publication}}.",
    ),
    wall_product: titled(
        "This article is part of a special edition",
        "It’s available to readers who have bought that edition of {{publication}}.",
    ),
    wall_trial_ended: titled(
        "Your trial has ended",
        "Your trial of {{publication}} ended on {{endedOn}}. We hope you liked it.",
    ),
    wall_subscription_ended: titled(
        "Your subscription has ended",
        "Your subscription to {{publication}} ended on {{endedOn}}. We’d be glad to have you back.",
    ),
    wall_subscription_paused: titled(
        "Your subscription is paused{{#pausedUntil}} until {{pausedUntil}}{{/pausedUntil}}",
        "You’re not being charged, and we’re keeping your remaining days. Resume now to read this article.",
    ),
    trial_ending: plain(
        "Your trial ends on {{endedOn}}.{{#price}} Keep reading after that: {{price}}.{{#offerEnds}} Offer ends {{offerEnds}}.{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("Your trial ended on {{endedOn}}."),
    subscription_ending: plain(
        "Your subscription ends on {{endedOn}}. You can keep reading until then.",
    ),
    subscription_ended: plain("Your subscription ended on {{endedOn}}."),
    payment_failed: plain(
        "We haven’t received your last payment. You can keep reading until {{endedOn}}.",
    ),
    offer: plain(
        "{{#price}}Get full access to {{publication}}: {{price}}.{{#offerEnds}} Offer ends {{offerEnds}}.{{/offerEnds}}{{/price}}{{^price}}Subscribe for full access to {{publication}}.{{/price}}",
    ),
};
