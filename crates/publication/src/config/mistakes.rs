//! Common mistakes in a configuration: each is valid, and does something else than its author most likely wants.
//!
//! To add one, write a method that returns a sentence about it, and call it in [`Config::mistakes`].

use masthead_access::Rule;
use masthead_circulation::{CatalogueEntry, Introduction, Money, Offer, TaxRate};

use super::Config;

/// Rates below this are most likely fractions in place of percent, in hundredths of a percent.
const LEAST_TAX: u16 = 100;

impl Config {
    /// Points out common mistakes, a sentence each.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut all = self.fractions_of_tax();
        all.extend(self.rules_without_condition());
        all.extend(self.dear_introductions());
        all.extend(self.amount_without_step());
        all.extend(self.home_directory());
        all.extend(self.trusted_internet());
        all.extend(self.foreign_webhook_secret());
        all.extend(self.key_without_bucket());
        all
    }

    fn fractions_of_tax(&self) -> Vec<String> {
        let catalogue = &self.publication.catalogue;
        let own = catalogue.products().iter().filter_map(|product| product.tax);
        let rates = own.chain(catalogue.tax());
        let is_fraction = |rate: &TaxRate| (1..LEAST_TAX).contains(&rate.hundredths());
        let mut rates: Vec<TaxRate> = rates.filter(is_fraction).collect();
        rates.sort();
        rates.dedup();
        let warning = |rate: TaxRate| {
            let percent = rate.hundredths();
            format!(
                "A tax_rate of {rate} means {rate} %. If the rate is {percent} %, write tax_rate = {percent}."
            )
        };
        rates.into_iter().map(warning).collect()
    }

    fn rules_without_condition(&self) -> Vec<String> {
        let rules = self.publication.policy.rules.iter().enumerate();
        let unconditional = rules.filter(|(_, rule)| **rule == Rule::everything(rule.tier.clone()));
        let warning = |(index, _): (usize, &Rule)| {
            format!(
                "Rule {} has no condition, so it applies to every article that no earlier rule is for. Write a section, topic, \
                 author or another condition, or set default_tier instead.",
                index + 1
            )
        };
        unconditional.map(warning).collect()
    }

    fn dear_introductions(&self) -> Vec<String> {
        let catalogue = &self.publication.catalogue;
        let warning = |offer: &Offer| {
            let price = catalogue.price(&offer.price)?;
            let Introduction { amount: first, lasts, .. } = offer.introduction;
            let (days, every) = (u64::from(lasts.days()), u64::from(price.every.days()));
            let usual = price.amount.minor().saturating_mul(days) / every.max(1);
            let usual = Money::of(usual, first.currency());
            (first.minor() > usual.minor()).then(|| {
                format!(
                    "The first payment of the offer “{}” is {first}, more than {usual}, which its price comes to in the same time.",
                    offer.slug
                )
            })
        };
        catalogue.offers().iter().filter_map(warning).collect()
    }

    fn amount_without_step(&self) -> Option<String> {
        let catalogue = &self.publication.catalogue;
        let error = catalogue.check_steps().err()?;
        let (what, slug) = match error.entry {
            CatalogueEntry::Product(at) => {
                ("product", catalogue.products().get(at).map(|it| &it.slug))
            }
            CatalogueEntry::Price(at) => ("price", catalogue.prices().get(at).map(|it| &it.slug)),
            CatalogueEntry::Offer(at) => ("offer", catalogue.offers().get(at).map(|it| &it.slug)),
        };
        let slug = slug.map(String::as_str).unwrap_or_default();
        Some(format!("The {what} “{slug}” can be paid by invoice only: {error}."))
    }

    fn home_directory(&self) -> Option<String> {
        let directories = [("data", &self.server.data), ("theme", &self.server.theme)];
        let named = directories.into_iter().find(|(_, path)| path.starts_with('~'));
        named.map(|(key, path)| {
            format!("{key} = \"{path}\" is a directory whose name begins with ~. Write the whole path of your home directory.")
        })
    }

    fn trusted_internet(&self) -> Option<String> {
        let network = self.server.trusted_proxies.iter().find(|network| network.prefix_len() == 0);
        network.map(|network| {
            format!(
                "trusted_proxies contains {network}, the whole internet: anybody can claim to be any reader, so no limit on \
                 addresses holds. Name only the addresses from which your proxies connect."
            )
        })
    }

    fn foreign_webhook_secret(&self) -> Option<String> {
        let secret = self.payments.webhook_secret.as_str();
        (!secret.is_empty() && !secret.starts_with("whsec_")).then(|| {
            "The webhook_secret does not begin with whsec_, so it is most likely not the signing secret of an endpoint at Stripe, and \
             no message of Stripe would be accepted."
                .to_owned()
        })
    }

    fn key_without_bucket(&self) -> Option<String> {
        let pictures = &self.pictures;
        let has_key = !pictures.access_key.is_empty() || !pictures.secret_key.is_empty();
        (has_key && pictures.bucket.is_empty()).then(|| {
            "[pictures] has a key and no bucket, so pictures are stored in the data directory. Name the bucket, or remove the key."
                .to_owned()
        })
    }
}
