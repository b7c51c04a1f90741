//! The form of the database, step by step. Steps run forward on start and are never changed once
//! they have been released; a mistake in one is corrected by the next.

use sea_orm_migration::prelude::*;

mod m0001_first_edition;
mod m0002_readers;
mod m0003_subscriptions;
mod m0004_apps;
mod m0005_bulletins;
mod m0006_identity;
mod m0007_desk;
mod m0008_stories;
mod m0009_audience;
mod m0010_steering;
mod m0011_experiments;
mod m0012_refunds;
mod m0013_foreign_keys;
mod m0014_payment_records;
mod m0020_sealed_outbox;
mod m0021_kept_checkouts;
mod m0022_refund_attempts;
mod m0023_checkouts;
mod m0024_settings_revision;
mod m0025_renamed_settings;
mod m0026_meter_resets;
mod m0030_failed_refunds;
mod m0031_superseded_checkouts;
mod m0032_former_readers;
mod m0033_desk_actions;
mod m0035_pictures_of_pieces;
mod m0036_kept_embargoes;
mod m0038_app_scopes;
mod m0039_kept_forms;
mod m0040_rate_limits;
mod m0041_second_factors;
mod m0042_known_devices;
mod m0047_database_identity;
mod m0048_message_ids;
mod m0052_restored_copies;
mod m0053_audit_log;
mod m0055_relying_parties;
mod m0056_table_names;
mod m0058_lower_case;
mod m0060_change_notifications;
mod m0062_audit_tables;
mod m0063_saved_articles;
mod m0064_reading_history;
mod m0065_follows;
mod m0066_reading_times;
mod m0070_delivery_addresses;
mod m0071_checkout_deliveries;
mod m0072_invoice_recipients;
mod m0073_live_posts;
mod m0076_sign_outs;
mod m0078_withdrawals;
mod m0080_payment_tax;
mod m0085_assignments;
mod m0086_reviews;
mod m0087_comments;
mod m0090_story_columns;
mod m0091_saved_filters;
mod m0092_subscription_states;
mod m0093_pictures;
mod m0095_reader_status;
mod m0096_reader_labels;
mod m0098_withdrawal_ways;
mod m0105_authors;
mod m0106_redirects;
mod m0107_topics;
mod m0110_notifications;
mod m0111_staff_languages;
mod m0112_weekly_figures;
mod m0113_article_sites;
mod m0115_orders_by_staff;
mod m0116_price_changes;
mod m0117_desk_jobs;
mod m0118_grace_since;
mod m0121_picture_uses;
mod m0122_task_runs;
mod m0131_figures_weeks;
mod m0132_stopped_jobs;
mod m0133_inherited_visits;
mod m0141_debts;
mod m0151_key_fingerprints;
mod m0161_payments_of_subscriptions;
mod m0171_agreed_changes;
mod m0172_debts;
mod m0173_disputes;
mod m0181_job_failures;
mod m0191_reader_imports;
mod m0201_dispute_questions;
mod m0202_served;
mod m0206_import_lines;
mod m0216_backups;
mod m0221_picture_files;
mod m0222_picture_crops;
mod m0226_imported_pieces;
mod m0241_address_spelling;
mod m0242_refunds_elsewhere;
mod m0243_introductions;
mod m0250_article_imports;
mod m0251_import_pictures;
mod rename;
mod sqlite;

pub(crate) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_edition::Migration),
            Box::new(m0002_readers::Migration),
            Box::new(m0003_subscriptions::Migration),
            Box::new(m0004_apps::Migration),
            Box::new(m0005_bulletins::Migration),
            Box::new(m0006_identity::Migration),
            Box::new(m0007_desk::Migration),
            Box::new(m0008_stories::Migration),
            Box::new(m0009_audience::Migration),
            Box::new(m0010_steering::Migration),
            Box::new(m0011_experiments::Migration),
            Box::new(m0012_refunds::Migration),
            Box::new(m0013_foreign_keys::Migration),
            Box::new(m0014_payment_records::Migration),
            Box::new(m0020_sealed_outbox::Migration),
            Box::new(m0021_kept_checkouts::Migration),
            Box::new(m0022_refund_attempts::Migration),
            Box::new(m0023_checkouts::Migration),
            Box::new(m0024_settings_revision::Migration),
            Box::new(m0025_renamed_settings::Migration),
            Box::new(m0026_meter_resets::Migration),
            Box::new(m0030_failed_refunds::Migration),
            Box::new(m0031_superseded_checkouts::Migration),
            Box::new(m0032_former_readers::Migration),
            Box::new(m0033_desk_actions::Migration),
            Box::new(m0035_pictures_of_pieces::Migration),
            Box::new(m0036_kept_embargoes::Migration),
            Box::new(m0038_app_scopes::Migration),
            Box::new(m0039_kept_forms::Migration),
            Box::new(m0040_rate_limits::Migration),
            Box::new(m0041_second_factors::Migration),
            Box::new(m0042_known_devices::Migration),
            Box::new(m0047_database_identity::Migration),
            Box::new(m0048_message_ids::Migration),
            Box::new(m0052_restored_copies::Migration),
            Box::new(m0053_audit_log::Migration),
            Box::new(m0055_relying_parties::Migration),
            Box::new(m0056_table_names::Migration),
            Box::new(m0058_lower_case::Migration),
            Box::new(m0060_change_notifications::Migration),
            Box::new(m0062_audit_tables::Migration),
            Box::new(m0063_saved_articles::Migration),
            Box::new(m0064_reading_history::Migration),
            Box::new(m0065_follows::Migration),
            Box::new(m0066_reading_times::Migration),
            Box::new(m0070_delivery_addresses::Migration),
            Box::new(m0071_checkout_deliveries::Migration),
            Box::new(m0072_invoice_recipients::Migration),
            Box::new(m0073_live_posts::Migration),
            Box::new(m0076_sign_outs::Migration),
            Box::new(m0078_withdrawals::Migration),
            Box::new(m0080_payment_tax::Migration),
            Box::new(m0085_assignments::Migration),
            Box::new(m0086_reviews::Migration),
            Box::new(m0087_comments::Migration),
            Box::new(m0090_story_columns::Migration),
            Box::new(m0091_saved_filters::Migration),
            Box::new(m0092_subscription_states::Migration),
            Box::new(m0093_pictures::Migration),
            Box::new(m0095_reader_status::Migration),
            Box::new(m0096_reader_labels::Migration),
            Box::new(m0098_withdrawal_ways::Migration),
            Box::new(m0105_authors::Migration),
            Box::new(m0106_redirects::Migration),
            Box::new(m0107_topics::Migration),
            Box::new(m0110_notifications::Migration),
            Box::new(m0111_staff_languages::Migration),
            Box::new(m0112_weekly_figures::Migration),
            Box::new(m0113_article_sites::Migration),
            Box::new(m0115_orders_by_staff::Migration),
            Box::new(m0116_price_changes::Migration),
            Box::new(m0117_desk_jobs::Migration),
            Box::new(m0118_grace_since::Migration),
            Box::new(m0121_picture_uses::Migration),
            Box::new(m0122_task_runs::Migration),
            Box::new(m0131_figures_weeks::Migration),
            Box::new(m0132_stopped_jobs::Migration),
            Box::new(m0133_inherited_visits::Migration),
            Box::new(m0141_debts::Migration),
            Box::new(m0151_key_fingerprints::Migration),
            Box::new(m0161_payments_of_subscriptions::Migration),
            Box::new(m0171_agreed_changes::Migration),
            Box::new(m0172_debts::Migration),
            Box::new(m0173_disputes::Migration),
            Box::new(m0181_job_failures::Migration),
            Box::new(m0191_reader_imports::Migration),
            Box::new(m0201_dispute_questions::Migration),
            Box::new(m0202_served::Migration),
            Box::new(m0206_import_lines::Migration),
            Box::new(m0216_backups::Migration),
            Box::new(m0221_picture_files::Migration),
            Box::new(m0222_picture_crops::Migration),
            Box::new(m0226_imported_pieces::Migration),
            Box::new(m0241_address_spelling::Migration),
            Box::new(m0242_refunds_elsewhere::Migration),
            Box::new(m0243_introductions::Migration),
            Box::new(m0250_article_imports::Migration),
            Box::new(m0251_import_pictures::Migration),
        ]
    }
}
