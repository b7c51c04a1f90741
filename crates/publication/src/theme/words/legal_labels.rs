//! The labels that the law sets. A word of them is changed only together with this table, by somebody who has looked at the law:
//! Directive 2011/83/EU, article 8(2) for orders and 11a for withdrawals, in the words of each language's version or of the national
//! law (§ 312j, § 356a and § 312k of the German BGB; L. 221-14, D. 221-5 and L. 215-1-1 of the French Code de la consommation).

use toml::{Table, Value};

use super::built_in;
use crate::{assets::DefaultTheme, layout::SITE_PAGES};

/// The names of the words: to order, to order by invoice, to withdraw from a contract and to confirm it, and to cancel.
const NAMES: [&str; 7] = [
    "checkout_pay",
    "checkout_invoice",
    "withdraw_here",
    "withdraw_confirm",
    "cancel_page",
    "cancel_send",
    "cancel_yes",
];

#[rustfmt::skip] // a table
const LABELS: [(&str, [&str; 7]); 7] = [
    (
        "en",
        [
            "Order with obligation to pay",
            "Order by invoice with obligation to pay",
            "Withdraw from contract here",
            "Confirm withdrawal",
            "Cancel a subscription",
            "Send cancellation",
            "Yes, cancel my subscription",
        ],
    ),
    (
        "de",
        [
            "Zahlungspflichtig bestellen",
            "Zahlungspflichtig auf Rechnung bestellen",
            "Vertrag widerrufen",
            "Widerruf bestätigen",
            "Verträge hier kündigen",
            "Jetzt kündigen",
            "Jetzt kündigen",
        ],
    ),
    (
        "es",
        [
            "Pedido con obligación de pago",
            "Pedido con obligación de pago, con factura",
            "Desistir del contrato aquí",
            "Confirmar desistimiento",
            "Cancelar una suscripción",
            "Enviar la cancelación",
            "Sí, cancelar mi suscripción",
        ],
    ),
    (
        "fr",
        [
            "Commande avec obligation de paiement",
            "Commande avec obligation de paiement, sur facture",
            "Renoncer au contrat ici",
            "Confirmer la rétractation",
            "Résilier votre contrat",
            "Envoyer la résiliation",
            "Oui, résilier mon abonnement",
        ],
    ),
    (
        "ja",
        [
            "注文を確定して支払う",
            "注文を確定して請求書で支払う",
            "ここで申込みを撤回する",
            "撤回を確定する",
            "購読の解約",
            "解約を申し込む",
            "はい、解約します",
        ],
    ),
    (
        "nl",
        [
            "Bestelling met betalingsverplichting",
            "Bestelling met betalingsverplichting, op factuur",
            "Overeenkomst hier herroepen",
            "Herroeping bevestigen",
            "Abonnement opzeggen",
            "Opzegging versturen",
            "Ja, mijn abonnement opzeggen",
        ],
    ),
    (
        "pl",
        [
            "Zamówienie z obowiązkiem zapłaty",
            "Zamówienie z obowiązkiem zapłaty, na fakturę",
            "Odstąp od umowy tutaj",
            "Potwierdź odstąpienie",
            "Rezygnacja z subskrypcji",
            "Wyślij rezygnację",
            "Tak, rezygnuję z subskrypcji",
        ],
    ),
];

#[test]
fn the_labels_that_the_law_sets_are_those_of_each_language() {
    for (language, labels) in LABELS {
        let words: Table = built_in(language).expect("words");
        let said = NAMES.map(|name| words.get(name).and_then(Value::as_str).unwrap_or_default());
        assert_eq!(said, labels, "{language}: ask somebody who knows the law before you change it");
    }
}

#[test]
fn templates_put_them_on_the_buttons() {
    let buttons = [
        ("account.html", "<a href=\"/account/withdrawal\">{{ words.withdraw_here }}<span"),
        ("account.html", "{{ words.checkout_pay if switch.pays else words.switch_to }}"),
        ("withdraw-confirm.html", "<button>{{ words.withdraw_confirm }}</button>"),
        ("checkout.html", "{{ words.checkout_pay if needs_card else words.checkout_begin }}"),
        ("cancel.html", "<button>{{ words.cancel_send }}</button>"),
        ("cancel-confirm.html", "<button>{{ words.cancel_yes }}</button>"),
    ];
    // The footer has them while something is sold, whatever its menus are.
    for (path, word) in [("/withdraw", "withdraw_here"), ("/cancel", "cancel_page")] {
        assert!(SITE_PAGES.iter().any(|page| (page.path, page.word) == (path, word)), "{path}");
    }
    for (file, button) in buttons {
        let template = DefaultTheme::get(file).expect("a template");
        let template = String::from_utf8_lossy(&template.data);
        assert!(template.contains(button), "{file}: {button}");
        // Confirming a withdrawal has no other button.
        let is_single = file != "withdraw-confirm.html" || template.matches("<button").count() == 1;
        assert!(is_single, "{file}");
    }
}
