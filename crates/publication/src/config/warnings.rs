//! What is valid in a configuration and probably not what its publisher wants.

use jiff::Timestamp;
use masthead_access::PolicyNames;
use masthead_editorial::{Front, color::READABLE, paths::readable, spelling::suggest};

use super::Config;
use crate::{Accent, AccentFault, Publication, assets::has_words};

impl Config {
    /// Points out what is probably a mistake, a sentence each.
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let mut all = self.policy_warnings();
        all.extend(self.front_warnings());
        all.extend(self.offer_warnings(now));
        all.extend(self.language_warning());
        all.extend(self.publication.tax_warning());
        all.extend(self.publication.accent_warnings());
        all.extend(self.mistakes());
        all
    }

    fn policy_warnings(&self) -> Vec<String> {
        let publication = &self.publication;
        let rules = publication.policy.rules.iter();
        let named = rules.filter_map(|rule| rule.section.clone()).map(|slug| (slug.clone(), slug));
        let listed = publication.sections.iter().map(|s| (s.slug.clone(), s.name.clone()));
        // Without a list, the sections are those of the articles, which are not known here.
        let sections: Vec<_> =
            if publication.sections.is_empty() { named.collect() } else { listed.collect() };
        let products = publication.catalogue.products().iter();
        let products: Vec<_> = products.map(|p| (p.slug.clone(), p.name.clone())).collect();
        let names = PolicyNames { sections: &sections, products: &products };
        let warnings = publication.policy.warnings(&names).into_iter();
        warnings.map(|warning| warning.to_string()).collect()
    }

    fn front_warnings(&self) -> Vec<String> {
        let sections = &self.publication.sections;
        let known = || sections.iter().map(|section| section.slug.as_str());
        let unknown = |front: &&Front| {
            let page = readable(&front.page);
            let slug = page.trim_start_matches('/');
            front.page != Front::HOME && !sections.is_empty() && known().all(|known| known != slug)
        };
        let fronts = self.publication.fronts.iter().filter(unknown);
        let warning = |front: &Front| {
            let page = readable(&front.page);
            let near = suggest(page.trim_start_matches('/'), known());
            let near = near.map(|near| format!(" Did you mean /{near}?")).unwrap_or_default();
            format!("The front {page} is shown nowhere: there is no such section.{near}")
        };
        fronts.map(warning).collect()
    }

    fn offer_warnings(&self, now: Timestamp) -> Vec<String> {
        let zone = &self.publication.policy.zone;
        let offers = self.publication.catalogue.offers().iter();
        let over = offers.filter_map(|offer| Some((offer, offer.ends?)));
        let over = over.filter(|(offer, _)| !offer.runs(now, zone));
        over.map(|(offer, ends)| {
            format!("Nobody can take the offer “{}” any more: it ended on {ends}.", offer.slug)
        })
        .collect()
    }

    fn language_warning(&self) -> Option<String> {
        let language = self.publication.locale.language();
        (!has_words(language)).then(|| {
            format!(
                "There are no built-in words in the language “{language}”; pages use the English ones, except for \
                 those in words.toml of your theme."
            )
        })
    }
}

impl Publication {
    /// Points out colours in which text cannot be read.
    fn accent_warnings(&self) -> Vec<String> {
        let faults = self.accent.map(Accent::faults).unwrap_or_default();
        let warning = |AccentFault { color, is_dark, contrast, nearest }: AccentFault| {
            // Rounded down, so that too little never looks like enough.
            let contrast = (contrast * 10.0).floor() / 10.0;
            let pages = if is_dark { "dark" } else { "light" };
            format!(
                "Text in the accent {color} is hard to read on {pages} pages: the contrast is {contrast:.1} to 1, and at least \
                 {READABLE} is needed. The nearest colour that works is {nearest}."
            )
        };
        faults.into_iter().map(warning).collect()
    }

    /// Points out that the tax in prices is worked out twice. Invoices show the rate that is set here, and Stripe may have
    /// used another.
    fn tax_warning(&self) -> Option<String> {
        self.has_two_taxes().then(|| {
            "The tax is worked out by Stripe (tax under [payments]) and set as tax_rate as well. Invoices show the rate of \
             tax_rate, which may not be the one that Stripe uses. Remove one of them."
                .to_owned()
        })
    }
}
