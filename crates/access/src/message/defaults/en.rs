//! The built-in messages in English.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    meter_page: "How the meter works",
    offers: "See the offers",
    account: "Your account",
    register: "Register",
    update_payment: "Put it right",
    meter_left: DefaultText {
        title: "",
        text: "You have {{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}} left{{#resetsOn}} until {{resetsOn}}{{/resetsOn}}.",
        narrow: "{{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}} left.",
    },
    meter_last: DefaultText {
        title: "",
        text: "This is your last free article{{#resetsOn}} until {{resetsOn}}{{/resetsOn}}. You can come back to it whenever you like.",
        narrow: "This is your last free article.",
    },
    wall_meter: titled(
        "You have read your {{allowance}} free article{{allowance-plural}}.",
        "{{#resetsOn}}On {{resetsOn}} you can read more.{{/resetsOn}} Everything you have already opened stays open to you until then.{{#price}} Or read everything: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
    ),
    wall_register: titled(
        "Register to read on.",
        "It is free, and needs no password.{{#registeredAllowance}} With an account you can read {{registeredAllowance}} article{{registeredAllowance-plural}}{{#resetsOn}} until {{resetsOn}}{{/resetsOn}}, on all your devices together.{{/registeredAllowance}} Everything you have already opened stays open to you.{{#price}} Or read everything: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
    ),
    wall_subscribers: titled(
        "This article is for subscribers.",
        "Subscriptions pay for the reporting in {{publication}}.{{#price}} Read everything: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
    ),
    wall_product: titled(
        "This article is part of a special edition.",
        "It is open to readers who have bought that edition of {{publication}}.",
    ),
    wall_trial_ended: titled(
        "Your trial has ended.",
        "Your trial of {{publication}} ended on {{endedOn}}. We hope you liked it.{{#price}} Read on: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
    ),
    wall_subscription_ended: titled(
        "Your subscription has ended.",
        "Your subscription to {{publication}} ended on {{endedOn}}. We would be glad to have you back.{{#price}} Come back: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
    ),
    trial_ending: plain("Your trial ends on {{endedOn}}."),
    trial_ended: plain("Your trial ended on {{endedOn}}."),
    subscription_ending: plain(
        "Your subscription ends on {{endedOn}}. Until then you can read everything.",
    ),
    subscription_ended: plain("Your subscription ended on {{endedOn}}."),
    payment_failed: plain(
        "Your last payment has not arrived. You can still read everything while you put it right.",
    ),
    offer: plain(
        "{{#price}}Read all of {{publication}}: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}{{^price}}Read all of {{publication}} with a subscription.{{/price}}",
    ),
};
