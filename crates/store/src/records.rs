//! The rows of the tables.

mod article_imports;
mod audience;
mod backups;
mod comments;
mod desk;
mod editorial;
mod newsroom;
mod notifications;
mod reader_imports;
mod readers;
mod reading;
mod sales;
pub(crate) mod setting;
mod sign_in;

pub(crate) use article_imports::{
    article_import, article_import_chunk, article_import_part, article_import_picture,
};
pub(crate) use audience::{
    article_count, article_site, day_total, experiment_count, hour_total, unique_readers,
};
pub(crate) use backups::backup;
pub(crate) use comments::{comment, comment_thread};
pub(crate) use desk::{audit_entry, desk_job, invitation, saved_filter, staff};
pub(crate) use editorial::{
    author, edition, picture, picture_crop, picture_file, picture_use, piece, redirect, section,
    served, task_run, topic,
};
pub(crate) use newsroom::{draft, live_post, presence, revision, story, story_writer};
pub(crate) use notifications::{notification, notification_choice};
pub(crate) use reader_imports::{deleted_address, reader_import, reader_import_part};
pub(crate) use readers::{
    account, account_change, account_debt, account_read, address_change, app_request, delivery,
    former_debt, former_reader, introduction, outbox_entry, reader_label, reader_note, session,
    sign_in_request,
};
pub(crate) use reading::{follow, history_entry, history_reader, personal_feed, saved_article};
pub(crate) use sales::{
    charge, checkout, checkout_delivery, dispute, invoice_recipient, offer_redemption, payment,
    price_change, reconciliation, refund, refund_elsewhere, subscription, subscription_change,
    webhook, withdrawal,
};
pub(crate) use sign_in::{
    authenticator, challenge, identity, kept_form, known_device, passkey, rate_limit,
    recovery_code, required_factor,
};
