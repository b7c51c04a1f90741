//! Settings that name an author or a topic by a former slug: they mean who or what has the articles now. Otherwise an access rule
//! would match nothing, and locked articles would be free.

use std::sync::Arc;

use masthead_circulation::reading::FollowKind;
use masthead_editorial::{fronts::Pick, menus::MenuTarget, paths};
use masthead_store::RetiredNames;

use crate::Publication;

impl Publication {
    /// Returns the publication with the names of now in its access rules, fronts and menus; itself if there is nothing to replace.
    pub(crate) fn with_current_names(self: &Arc<Self>, retired: &RetiredNames) -> Arc<Self> {
        let (mut rules, mut fronts) = (self.policy.rules.clone(), self.fronts.clone());
        let mut changes = 0;
        for rule in &mut rules {
            changes += replace(&mut rule.topic, FollowKind::Topic, retired);
            changes += replace(&mut rule.author, FollowKind::Author, retired);
        }
        for front in &mut fronts {
            let blocks = front.lists.iter_mut().map(|block| &mut block.pick);
            for pick in front.top.iter_mut().chain(blocks) {
                changes += renew(pick, retired);
            }
        }
        let mut menus = self.menus.clone();
        let groups = menus.footer.iter_mut().flat_map(|group| &mut group.links);
        for link in menus.navigation.iter_mut().chain(groups) {
            changes += redirect(&mut link.target, retired);
        }
        if changes == 0 {
            return Arc::clone(self);
        }
        let mut renamed = Self::clone(self);
        (renamed.policy.rules, renamed.fronts, renamed.menus) = (rules, fronts, menus);
        Arc::new(renamed)
    }
}

/// Replaces a former slug. Returns how many were replaced.
fn replace(slug: &mut Option<String>, kind: FollowKind, retired: &RetiredNames) -> usize {
    let Some(now) = slug.as_deref().and_then(|slug| retired.current(kind, slug)) else { return 0 };
    *slug = Some(now.slug.clone());
    1
}

fn renew(pick: &mut Pick, retired: &RetiredNames) -> usize {
    let Pick::Topic(slug) = pick else { return 0 };
    let Some(now) = retired.current(FollowKind::Topic, slug) else { return 0 };
    slug.clone_from(&now.slug);
    1
}

/// Replaces the former address of a topic or an author in a menu.
fn redirect(target: &mut MenuTarget, retired: &RetiredNames) -> usize {
    let MenuTarget::Path(path) = target else { return 0 };
    let kinds = [(FollowKind::Topic, "/topic/"), (FollowKind::Author, "/author/")];
    let now = kinds.into_iter().find_map(|(kind, folder)| {
        let spelled = paths::one_spelling(path);
        let now = retired.current(kind, &paths::decoded(spelled.strip_prefix(folder)?)?)?;
        Some(format!("{folder}{}", paths::encoded(&now.slug)))
    });
    let Some(now) = now else { return 0 };
    *path = now;
    1
}

#[cfg(test)]
mod tests {
    use masthead_access::{Rule, Tier};
    use masthead_editorial::{
        Front, Menus,
        menus::{FooterGroup, MenuLink},
    };
    use masthead_settings::DeskSettings;
    use masthead_store::RetiredName;

    use super::*;
    use crate::config::Config;

    const FILE: &str = "[publication]\nname = \"P\"\naddress = \"http://localhost\"\nlocale = \"en\"\nzone = \"UTC\"\n";

    fn publication() -> Publication {
        let config = Config::parse(FILE, "masthead.toml", &DeskSettings::default());
        config.expect("a configuration").publication
    }

    fn retired() -> RetiredNames {
        let tides = RetiredName { slug: "tides".into(), name: "Tides".into() };
        let ben = RetiredName { slug: "ben".into(), name: "Ben".into() };
        RetiredNames::default().with(FollowKind::Topic, "quays", tides).with(
            FollowKind::Author,
            "ada",
            ben,
        )
    }

    #[test]
    fn rules_and_fronts_name_who_has_the_articles_now() {
        let mut set = publication();
        let on = |topic: &str, author: &str| Rule {
            topic: Some(topic.to_owned()),
            author: Some(author.to_owned()),
            ..Rule::everything(Tier::Subscribers)
        };
        set.policy.rules = vec![on("quays", "ada"), on("ada", "quays")];
        let quays = Pick::Topic("quays".into());
        set.fronts = vec![Front {
            page: Front::HOME.into(),
            top: vec![quays.clone()],
            lists: vec![quays.into()],
        }];
        let link = |path: &str| MenuLink::to(MenuTarget::Path(path.into()));
        let footer = vec![FooterGroup { heading: "H".into(), links: vec![link("/author/ada")] }];
        set.menus = Menus { navigation: vec![link("/topic/quays"), link("/quays")], footer };
        let now = Arc::new(set).with_current_names(&retired());
        assert_eq!(now.menus.navigation, [link("/topic/tides"), link("/quays")]);
        assert_eq!(now.menus.footer[0].links, [link("/author/ben")]);
        // A topic may have the former slug of an author.
        assert_eq!(now.policy.rules, [on("tides", "ben"), on("ada", "quays")]);
        let tides = Pick::Topic("tides".into());
        assert_eq!(now.fronts[0].top, std::slice::from_ref(&tides));
        assert_eq!(now.fronts[0].lists, [tides.into()]);
    }

    #[test]
    fn settings_without_former_names_stay_the_same() {
        let set = Arc::new(publication());
        assert!(Arc::ptr_eq(&set, &set.with_current_names(&retired())));
    }
}
