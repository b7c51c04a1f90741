//! The roles that need a second factor.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, staff::Role};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    parse_stored,
    records::required_factor as row,
};

impl Store {
    /// Returns the roles that need a second factor.
    #[tracing::instrument(skip_all)]
    pub async fn roles_with_second_factor(&self) -> Result<Vec<Role>, StoreError> {
        let rows = row::Entity::find().all(&self.database).await?;
        rows.iter().map(|row| parse_stored("the role", &row.role)).collect()
    }

    /// Makes these roles need a second factor, and no others. Each change is recorded. Returns `false` if that was so before.
    #[tracing::instrument(skip_all)]
    pub async fn require_second_factor(
        &self,
        roles: &[Role],
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (transaction, _) = self.write().await?;
        let rows = row::Entity::find().all(&transaction).await?;
        let mut changed = false;
        for role in Role::all() {
            let (was, is) = (rows.iter().any(|row| row.role == role.name()), roles.contains(&role));
            let action = match (was, is) {
                (false, true) => {
                    let new = row::ActiveModel { role: Set(role.name().to_owned()) };
                    row::Entity::insert(new).exec_without_returning(&transaction).await?;
                    AuditAction::RequiredFactor
                }
                (true, false) => {
                    row::Entity::delete_by_id(role.name().to_owned()).exec(&transaction).await?;
                    AuditAction::WaivedFactor
                }
                _ => continue,
            };
            let entry = AuditRecord { role: Some(role), ..AuditRecord::new(Some(by), now, action) };
            record(&transaction, entry).await?;
            changed = true;
        }
        transaction.commit().await?;
        Ok(changed)
    }
}
