//! How long what grows is kept, as the store deletes it.

use masthead_settings::RetentionSettings;
use masthead_store::Retention;

/// Returns how long rows are kept by these settings.
pub fn retention(settings: RetentionSettings) -> Retention {
    let duration = RetentionSettings::duration;
    Retention {
        webhooks: duration(settings.webhook_days),
        hourly_counts: duration(settings.hourly_count_days),
        daily_counts: duration(settings.daily_count_days),
        revisions: duration(settings.revision_days),
        audit_log: duration(settings.audit_days),
        delivery_addresses: duration(settings.address_days),
    }
}
