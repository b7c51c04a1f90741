//! What the publisher has set, apart from the theme.

use std::{borrow::Cow, sync::Arc};

use jiff::SignedDuration;
use masthead_access::{
    Allowances, Arm, Experiment, Policy, Treatment,
    message::{Locale, Message, Messages, Moments, Placement},
    robots::Crawlers,
};
use masthead_circulation::{Catalogue, EmailAddress, WithdrawalPeriod};
use masthead_editorial::{
    BreakingNews, Front, Logo, Menus, SectionStyle, SlugScript, TeaserLength, TopicStyle,
    strip::DataStrip,
};
pub use masthead_settings::{BackupSettings, DeskVersions, RetentionSettings};

use crate::{accent::Accent, http_settings::HttpSettings};

/// Whether and how readers pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sales {
    /// At a payment processor, and by invoice if the publication says where money is transferred to.
    #[default]
    Open,
    /// At the sandbox, which collects nothing.
    Sandbox,
    /// Only by invoice, because there is no payment processor.
    Invoices,
    /// Not at all. Nothing is sold.
    Closed,
}

impl Sales {
    /// Whether readers can pay with a card.
    pub fn takes_cards(self) -> bool {
        match self {
            Self::Open | Self::Sandbox => true,
            Self::Invoices | Self::Closed => false,
        }
    }
}

/// What is set about email addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressRules {
    /// Whether the relay takes addresses with characters other than ASCII before the @ (RFC 6531).
    pub smtputf8: bool,
    /// Whether all addresses of a mailbox count as one reader for introductory offers and the meter.
    pub are_folded: bool,
}

/// A publication as configured.
#[derive(Clone)]
pub struct Publication {
    /// The versions of what was set at the desk that this was built from, to compare what is in force with what is
    /// stored.
    pub desk_versions: DeskVersions,
    /// Its name.
    pub name: String,
    /// The tagline; may be empty.
    pub tagline: String,
    /// Its address, without a slash at the end: `https://example.org`.
    pub address: String,
    /// The language and region that it writes in.
    pub locale: Arc<Locale>,
    /// In which letters addresses are written that are made from names.
    pub slugs: SlugScript,
    /// Who may read what.
    pub policy: Policy,
    /// The messages to readers.
    pub messages: Messages,
    /// The messages that are not built in.
    pub own_messages: Vec<Message>,
    /// The running experiment, with what half of the readers get.
    pub experiment: Option<Experiment>,
    /// Its sections, in the order of the navigation.
    pub sections: Vec<SectionStyle>,
    /// The navigation and the footer, where they are not made from the sections and pages.
    pub menus: Menus,
    /// What it says about topics.
    pub topics: Vec<TopicStyle>,
    /// The fronts that the newsroom has arranged.
    pub fronts: Vec<Front>,
    /// The strips of short facts on the home page.
    pub strips: Vec<DataStrip>,
    /// The breaking news, which may be over.
    pub breaking: Option<BreakingNews>,
    /// How much of a locked article everybody sees.
    pub teaser: TeaserLength,
    /// The search crawlers that are admitted once verified.
    pub crawlers: Crawlers,
    /// How requests are received.
    pub http: HttpSettings,
    /// Whether it is the demonstration.
    pub is_demo: bool,
    /// Whether and where readers pay.
    pub sales: Sales,
    /// The products, prices and offers.
    pub catalogue: Catalogue,
    /// How long there is full access after a renewal has failed, and to pay an invoice.
    pub grace: SignedDuration,
    /// Which email addresses are accepted, and which are one mailbox.
    pub addresses: AddressRules,
    /// For how many days readers may withdraw from a contract.
    pub withdrawal: WithdrawalPeriod,
    /// Whether a cancellation without signing in takes effect at once, if the reader can take it back.
    pub cancels_at_once: bool,
    /// The seller on invoices: lines of name, address and numbers. If it is empty, invoices have the publication's
    /// name.
    pub seller: String,
    /// How an invoice is paid, such as the number of an account. If it is empty, readers cannot choose to pay
    /// by invoice.
    pub transfer: String,
    /// Whether the processor works out the tax that prices include.
    pub includes_tax: bool,
    /// Its accent colour, in place of the theme's.
    pub accent: Option<Accent>,
    /// Its logo, in place of the theme's or of its name.
    pub logo: Option<Logo>,
    /// How long what grows is kept.
    pub retention: RetentionSettings,
    /// How often the server makes a backup, and how many are kept.
    pub backups: BackupSettings,
}

impl Publication {
    /// Whether the relay takes this address.
    pub fn can_write_to(&self, email: &EmailAddress) -> bool {
        self.addresses.smtputf8 || email.as_str().is_ascii()
    }

    /// Returns the policy for this arm of the experiment.
    pub fn policy_of(&self, arm: Option<Arm>) -> Cow<'_, Policy> {
        match (&self.experiment, arm) {
            (Some(Experiment { treatment: Treatment::Anonymous(anonymous), .. }), Some(Arm::B)) => {
                let allowances = Allowances { anonymous: *anonymous, ..self.policy.allowances };
                Cow::Owned(Policy { allowances, ..self.policy.clone() })
            }
            (Some(_) | None, _) => Cow::Borrowed(&self.policy),
        }
    }

    /// Returns the message for these moments in a placement, for this arm of the experiment.
    pub fn message(
        &self,
        moments: Moments,
        placement: Placement,
        arm: Option<Arm>,
    ) -> Option<&Message> {
        let picked = self.messages.pick(moments, placement)?;
        match (&self.experiment, arm) {
            (Some(Experiment { treatment: Treatment::Message(message), .. }), Some(Arm::B))
                if (message.moment, message.placement) == (picked.moment, placement) =>
            {
                Some(message)
            }
            (Some(_) | None, _) => Some(picked),
        }
    }

    /// Returns the host of its address, with the port if it has one.
    pub fn authority(&self) -> &str {
        let address = self.address.as_str();
        let after = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
        after.unwrap_or_default()
    }

    /// Whether there is something that readers can subscribe to.
    pub fn sells(&self) -> bool {
        self.sales != Sales::Closed && !self.catalogue.is_empty()
    }

    /// Sets how readers pay. There are no invoices without an account that they are paid to. If readers cannot pay, the
    /// built-in messages offer nothing.
    #[must_use]
    pub fn with_sales(mut self, sales: Sales) -> Self {
        self.sales = match sales {
            Sales::Invoices if self.transfer.is_empty() => Sales::Closed,
            Sales::Open | Sales::Sandbox | Sales::Invoices | Sales::Closed => sales,
        };
        self.messages =
            Messages::built_in(self.sells(), self.policy.window, self.locale.language());
        self.messages.replace(self.own_messages.clone());
        self
    }

    /// Whether the processor works out the tax, and a rate is set here as well.
    pub fn has_two_taxes(&self) -> bool {
        let has_rate = self.catalogue.products().iter().any(|product| product.tax.is_some());
        self.includes_tax && (has_rate || self.catalogue.tax().is_some())
    }

    /// Whether readers reach it over https.
    pub fn is_secure(&self) -> bool {
        self.address.starts_with("https://")
    }
}
