//! The built-in messages in Japanese.

use super::{DefaultText, DefaultTexts, plain, titled};

pub(super) const WORDS: DefaultTexts = DefaultTexts {
    this_month: "今月",
    this_week: "今週",
    resets: "{{#resetsOn}}{{resetsOn}}から、再び{{allowance}}本お読みいただけます。{{/resetsOn}}",
    resets_in_part: "{{#resetsOn}}{{resetsOn}}から、続けてお読みいただけます。{{/resetsOn}}",
    meter_page: "記事の数え方",
    offers: "購読プランを見る",
    account: "アカウントを管理する",
    register: "無料アカウントを作成する",
    update_payment: "お支払い情報を確認する",
    meter_left: DefaultText {
        title: "",
        text: "{period}お読みいただける無料記事は、あと{{#plural numberArticlesLeft}}{{other}}{{numberArticlesLeft}}本{{/plural}}です。",
        narrow: "無料記事はあと{{#plural numberArticlesLeft}}{{other}}{{numberArticlesLeft}}本{{/plural}}です。",
    },
    meter_last: DefaultText {
        title: "",
        text: "これが{period}最後の無料記事です。",
        narrow: "これが最後の無料記事です。",
    },
    wall_meter: titled(
        "{period}お読みいただける無料記事（{{allowance}}本）は、すべてお読みになりました",
        "{reset}すでに開いた記事は、引き続きお読みいただけます。",
    ),
    wall_register: titled(
        "無料アカウントで続きを読む",
        "{{#registeredMore}}無料アカウントを作成すると、{period}あと{{#plural registeredMore}}{{other}}{{registeredMore}}本{{/plural}}の記事をお読みいただけます。{{/registeredMore}}パスワードは不要です。",
    ),
    wall_subscribers: titled(
        "この記事は購読者限定です",
        "{{publication}}の取材活動は、購読料によって支えられています。",
    ),
    wall_product: titled(
        "この記事は特別版の記事です",
        "{{publication}}の特別版をご購入の方のみお読みいただけます。",
    ),
    wall_trial_ended: titled(
        "無料体験は終了しました",
        "{{publication}}の無料体験は{{endedOn}}に終了しました。お楽しみいただけましたでしょうか。",
    ),
    wall_subscription_ended: titled(
        "購読は終了しました",
        "{{publication}}の購読は{{endedOn}}に終了しました。またのご利用をお待ちしております。",
    ),
    wall_subscription_paused: titled(
        "購読は{{#pausedUntil}}{{pausedUntil}}まで{{/pausedUntil}}休止中です",
        "休止中は料金が発生せず、残りの日数はそのまま保たれます。この記事を読むには、購読を再開してください。",
    ),
    trial_ending: plain(
        "無料体験は{{endedOn}}に終了します。{{#price}}その後も引き続きお読みいただけます（{{price}}）。{{#offerEnds}}{{offerEnds}}までの特典です。{{/offerEnds}}{{/price}}",
    ),
    trial_ended: plain("無料体験は{{endedOn}}に終了しました。"),
    subscription_ending: plain(
        "購読は{{endedOn}}に終了します。それまではすべての記事をお読みいただけます。",
    ),
    subscription_ended: plain("購読は{{endedOn}}に終了しました。"),
    payment_failed: plain(
        "前回のお支払いをまだ確認できておりません。{{endedOn}}までは引き続きお読みいただけます。",
    ),
    offer: plain(
        "{{#price}}{{publication}}のすべての記事をお読みいただけます（{{price}}）。{{#offerEnds}}{{offerEnds}}までの特典です。{{/offerEnds}}{{/price}}{{^price}}購読すると、{{publication}}のすべての記事をお読みいただけます。{{/price}}",
    ),
};
