//! `[menus]`: the navigation, and the groups of links in the footer.

use masthead_editorial::menus::{FooterGroup, InvalidMenu, MenuLink, Menus};
use serde::{Deserialize, Serialize};

/// `[menus]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MenusSettings {
    /// The links of the navigation; without any, it has the sections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub navigation: Vec<MenuLinkSettings>,
    /// The groups of the footer; without any, it has the sections, and the pages of the publication and the site.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub footer: Vec<FooterGroupSettings>,
}

/// One of `[[menus.footer]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FooterGroupSettings {
    /// Its heading.
    pub heading: String,
    /// Its links.
    #[serde(default)]
    pub links: Vec<MenuLinkSettings>,
}

/// One of `[[menus.navigation]]`, or a link of the footer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuLinkSettings {
    /// Where it leads; see [`MenuTarget`](masthead_editorial::menus::MenuTarget).
    pub to: String,
    /// Its words; empty for the name of what it leads to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Whether readers do not see it.
    #[serde(default, skip_serializing_if = "is_shown")]
    pub hidden: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's calling convention
fn is_shown(hidden: &bool) -> bool {
    !hidden
}

/// What the desk stores in place of `[menus]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenusPart {
    /// The menus.
    pub menus: MenusSettings,
}

impl From<&Menus> for MenusPart {
    fn from(menus: &Menus) -> Self {
        let links = |links: &[MenuLink]| links.iter().map(MenuLinkSettings::from).collect();
        let group = |FooterGroup { heading, links: all }: &FooterGroup| FooterGroupSettings {
            heading: heading.clone(),
            links: links(all),
        };
        let Menus { navigation, footer } = menus;
        let footer = footer.iter().map(group).collect();
        Self { menus: MenusSettings { navigation: links(navigation), footer } }
    }
}

impl From<&MenuLink> for MenuLinkSettings {
    fn from(MenuLink { target, label, hidden }: &MenuLink) -> Self {
        Self { to: target.to_string(), label: label.clone(), hidden: *hidden }
    }
}

impl TryFrom<&MenusSettings> for Menus {
    type Error = InvalidMenu;

    fn try_from(MenusSettings { navigation, footer }: &MenusSettings) -> Result<Self, InvalidMenu> {
        let group = |FooterGroupSettings { heading, links: all }: &FooterGroupSettings| {
            FooterGroup::new(heading, links(all)?)
        };
        let groups = footer.iter().map(group).collect::<Result<_, _>>()?;
        Self::new(links(navigation)?, groups)
    }
}

fn links(links: &[MenuLinkSettings]) -> Result<Vec<MenuLink>, InvalidMenu> {
    links.iter().map(|link| MenuLink::new(&link.to, &link.label, link.hidden)).collect()
}
