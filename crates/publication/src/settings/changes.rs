//! What a save changes, value by value, for the audit log.

use masthead_circulation::AuditChange;
use masthead_editorial::Logo;
use masthead_settings::{
    AppearancePart, AppearanceSettings, BackupsPart, BreakingPart, ExperimentPart,
    IdentitySettings, MenusPart, MeterPart, PartSettings, ProductsPart, PublicationPart,
    RetentionPart, SellerPart, SellerSettings, SettingsPart, SubscriptionsSettings,
};
use masthead_store::changes_between;

use crate::Publication;

/// Returns the values of a part that differ, wherever they come from: a part that is left to the file has the file's.
pub(super) fn changes(
    before: &Publication,
    after: &Publication,
    part: SettingsPart,
) -> Result<Vec<AuditChange>, serde_json::Error> {
    changes_between(&in_force(before, part), &in_force(after, part))
}

/// The values of a part that are in force. `None` if no experiment runs, or there is no
/// breaking news.
fn in_force(publication: &Publication, part: SettingsPart) -> Option<PartSettings> {
    let Publication { policy, teaser, sections, fronts, catalogue, own_messages, .. } = publication;
    Some(match part {
        SettingsPart::Meter => PartSettings::Meter(MeterPart::new(policy, *teaser)),
        SettingsPart::Sections => PartSettings::Sections(sections.as_slice().into()),
        SettingsPart::Fronts => PartSettings::Fronts(fronts.as_slice().into()),
        SettingsPart::Products => PartSettings::Products(products(publication)),
        SettingsPart::Offers => PartSettings::Offers(catalogue.offers().into()),
        SettingsPart::Messages => PartSettings::Messages(own_messages.as_slice().into()),
        SettingsPart::Experiment => {
            PartSettings::Experiment(ExperimentPart::from(publication.experiment.as_ref()?))
        }
        SettingsPart::Breaking => {
            PartSettings::Breaking(BreakingPart::from(publication.breaking.as_ref()?))
        }
        SettingsPart::Publication => PartSettings::Publication(identity(publication)),
        SettingsPart::Seller => PartSettings::Seller(seller(publication)),
        SettingsPart::Retention => {
            PartSettings::Retention(RetentionPart { retention: publication.retention })
        }
        SettingsPart::Appearance => PartSettings::Appearance(appearance(publication)),
        SettingsPart::Menus => PartSettings::Menus(MenusPart::from(&publication.menus)),
        SettingsPart::Backups => {
            PartSettings::Backups(BackupsPart { backups: publication.backups })
        }
    })
}

fn products(publication: &Publication) -> ProductsPart {
    let Publication { catalogue, grace, withdrawal, addresses, .. } = publication;
    let currency = catalogue.prices().first().map(|price| price.amount.currency());
    let (grace, withdrawal, tax) = (*grace, *withdrawal, catalogue.tax());
    ProductsPart {
        subscriptions: SubscriptionsSettings {
            currency,
            grace,
            withdrawal,
            tax,
            folds_addresses: addresses.are_folded,
            cancels_at_once: publication.cancels_at_once,
        },
        products: catalogue.products().iter().map(From::from).collect(),
        prices: catalogue.prices().iter().map(From::from).collect(),
    }
}

fn identity(publication: &Publication) -> PublicationPart {
    let Publication { name, tagline, locale, policy, slugs, .. } = publication;
    PublicationPart {
        publication: IdentitySettings {
            name: name.clone(),
            tagline: tagline.clone(),
            locale: locale.tag().to_owned(),
            zone: policy.zone.clone(),
            slugs: Some(*slugs),
        },
    }
}

fn seller(Publication { seller, transfer, .. }: &Publication) -> SellerPart {
    SellerPart { payments: SellerSettings { seller: seller.clone(), transfer: transfer.clone() } }
}

fn appearance(Publication { accent, logo, .. }: &Publication) -> AppearancePart {
    let (accent, accent_dark) =
        accent.map_or((None, None), |accent| (Some(accent.light), accent.set_dark));
    let (logo, logo_dark) = match logo.clone() {
        Some(Logo { light, dark }) => (Some(light), dark),
        None => (None, None),
    };
    AppearancePart { appearance: AppearanceSettings { accent, accent_dark, logo, logo_dark } }
}
