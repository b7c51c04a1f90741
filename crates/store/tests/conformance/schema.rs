//! What the schema itself promises about accounts: every column that names one has a foreign key, and
//! deleting the account empties every such column.

use jiff::Timestamp;
use masthead_store::{FactorChange, Location};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{connect, open};

on_both_engines!(
    columns_that_name_something_have_a_foreign_key,
    deleting_an_account_empties_every_column_that_names_it,
    foreign_keys_are_enforced_on_every_connection,
);

/// Columns that hold an e-mail address of a reader; deletion finds their rows by it.
const ADDRESSES: &[(&str, &str)] = &[
    ("accounts", "email"),
    ("audit_log", "about"),
    ("invitations", "email"),
    ("invoice_recipients", "email"),
    ("outbox", "recipient"),
    ("address_changes", "email"),
    ("sign_in_requests", "email"),
    ("withdrawals", "email"),
];
/// Columns without a foreign key, and why.
const WITHOUT_KEY: &[(&str, &str)] = &[
    // A notification tells the other servers that the account is gone, and is itself deleted after ten minutes.
    ("account_changes", "account"),
];
const WORDS: &str = "Free words about the reader";

#[derive(Debug)]
struct Column {
    table: String,
    name: String,
    kind: String,
    /// The table and the column that it refers to.
    refers_to: Option<(String, String)>,
}

impl Column {
    fn is(&self, (table, name): &(&str, &str)) -> bool {
        self.table == *table && self.name == *name
    }
}

fn parent(name: &str) -> Option<&'static str> {
    match name {
        "piece" | "article" => Some("pieces"),
        "subscription" | "mends" => Some("subscriptions"),
        "payment" => Some("payments"),
        _ if name.contains("account") || name.ends_with("_by") => Some("accounts"),
        _ => None,
    }
}

/// The columns whose name says that they refer to something, or hold an address, and that the lists
/// above and the foreign keys do not know.
fn unexpected(columns: &[Column]) -> Vec<String> {
    let refers =
        |column: &Column, to: &str| column.refers_to.as_ref().is_some_and(|(table, _)| table == to);
    let is_missing = |column: &&Column| match parent(&column.name) {
        Some(to) => !refers(column, to) && !WITHOUT_KEY.iter().any(|known| column.is(known)),
        None => {
            let holds_address = ["email", "recipient", "address", "about"]
                .iter()
                .any(|word| column.name.contains(word));
            holds_address && !ADDRESSES.iter().any(|known| column.is(known))
        }
    };
    let missing = columns.iter().filter(is_missing);
    missing.map(|column| format!("{}.{}", column.table, column.name)).collect()
}

async fn columns_that_name_something_have_a_foreign_key(location: &Location) {
    open(location).await;
    let database = connect(location).await;
    let columns = columns(&database).await;
    assert!(columns.iter().filter(|column| column.refers_to.is_some()).count() > 25);
    assert_eq!(unexpected(&columns), [""; 0]);
    // The check finds a table that forgets its keys.
    let forgetful = "CREATE TABLE forgetful (account integer, granted_by integer, email varchar)";
    database.execute_unprepared(forgetful).await.expect("created");
    let mut found = unexpected(&self::columns(&database).await);
    found.sort();
    assert_eq!(found, ["forgetful.account", "forgetful.email", "forgetful.granted_by"]);
}

async fn deleting_an_account_empties_every_column_that_names_it(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    let database = connect(location).await;
    let columns = columns(&database).await;
    fill(&database, &columns, ada.id.0).await;
    let named = |column: &&Column| column.refers_to.as_ref().is_some_and(|to| to.0 == "accounts");
    let by_id: Vec<String> = columns
        .iter()
        .filter(named)
        .map(|column| format!("{} WHERE {} = {}", column.table, column.name, ada.id.0))
        .collect();
    let by_address =
        ADDRESSES.iter().map(|(table, column)| format!("{table} WHERE {column} = '{email}'"));
    let by_words = columns
        .iter()
        // That of a dispute is one of the bank's codes.
        .filter(|column| column.name == "reason" && column.table != "disputes")
        .map(|column| format!("{} WHERE reason = '{WORDS}'", column.table));
    let all: Vec<String> = by_id.into_iter().chain(by_address).chain(by_words).collect();
    for rows in &all {
        assert!(count(&database, rows).await > 0, "{rows}: nothing to delete");
    }
    assert!(store.delete_account(&ada, Timestamp::UNIX_EPOCH).await.expect("deleted"));
    for rows in &all {
        assert_eq!(count(&database, rows).await, 0, "{rows}");
    }
    for books in ["payments", "refunds", "charges", "checkouts"] {
        assert_eq!(count(&database, books).await, 1, "{books} are kept");
    }
}

async fn foreign_keys_are_enforced_on_every_connection(location: &Location) {
    let store = open(location).await;
    let nobody = masthead_circulation::AccountId(999);
    let wanted = masthead_circulation::Passkey {
        id: "a".into(),
        account: nobody,
        device: String::new(),
        public: String::new(),
        added: Timestamp::UNIX_EPOCH,
        used: None,
        relying_party: None,
    };
    // More at once than the pool has connections.
    let tries: Vec<_> = (0..12)
        .map(|number| {
            let (store, id) = (store.clone(), number.to_string());
            let wanted = masthead_circulation::Passkey { id, ..wanted.clone() };
            tokio::spawn(async move {
                store.add_passkey(&wanted, FactorChange::alone(wanted.added)).await
            })
        })
        .collect();
    for attempt in tries {
        attempt.await.expect("joined").expect_err("there is no such account");
    }
    assert_eq!(store.passkeys_of(nobody).await.expect("read"), []);
}

/// Inserts one row into each table that names an account, a piece or an address, parents first. Every
/// number is 7, every text "x", but for references, addresses and reasons.
async fn fill(database: &DatabaseConnection, columns: &[Column], account: u32) {
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    tables.dedup();
    let is_wanted = |table: &&str| {
        matches!(*table, "pieces" | "former_readers")
            || columns.iter().any(|column| {
                column.table == *table
                    && (column.refers_to.is_some()
                        || ADDRESSES.iter().any(|known| column.is(known)))
            })
    };
    let mut left: Vec<&str> =
        tables.into_iter().filter(is_wanted).filter(|table| *table != "accounts").collect();
    while !left.is_empty() {
        let ready = |table: &&str| {
            let parents = columns.iter().filter(|column| column.table == *table);
            let mut parents = parents.filter_map(|column| column.refers_to.as_ref());
            !parents.any(|(parent, _)| left.contains(&parent.as_str()))
        };
        let table = *left.iter().find(|table| ready(table)).expect("no table waits for itself");
        left.retain(|other| *other != table);
        let mine: Vec<&Column> = columns.iter().filter(|column| column.table == table).collect();
        let names: Vec<String> = mine.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let values: Vec<String> = mine.iter().map(|column| value(column, account)).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
        database.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn value(column: &Column, account: u32) -> String {
    match &column.refers_to {
        Some((table, _)) if table == "accounts" => return account.to_string(),
        Some((table, _))
            if matches!(table.as_str(), "checkouts" | "former_readers" | "pictures") =>
        {
            return "'x'".to_owned();
        }
        Some(_) => return "7".to_owned(),
        None => {}
    }
    if ADDRESSES.iter().any(|known| column.is(known)) {
        return "'ada@example.org'".to_owned();
    }
    match column.kind.as_str() {
        "boolean" => "FALSE".to_owned(),
        kind if kind.contains("int") => "7".to_owned(),
        _ if column.name == "reason" => format!("'{WORDS}'"),
        _ => "'x'".to_owned(),
    }
}

/// Every column of every table, in the order of the tables.
async fn columns(database: &DatabaseConnection) -> Vec<Column> {
    let sql = match database.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS tbl, c.name AS col, lower(c.type) AS kind, k.\"table\" AS parent, \
             k.\"to\" AS parent_key FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             LEFT JOIN pragma_foreign_key_list(m.name) k ON k.\"from\" = c.name \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
        }
        _ => {
            "SELECT c.table_name::text AS tbl, c.column_name::text AS col, \
             c.data_type::text AS kind, p.table_name::text AS parent, \
             p.column_name::text AS parent_key FROM information_schema.columns c \
             LEFT JOIN (information_schema.key_column_usage k \
             JOIN information_schema.table_constraints t ON t.constraint_name = k.constraint_name \
             AND t.constraint_type = 'FOREIGN KEY' JOIN information_schema.constraint_column_usage p \
             ON p.constraint_name = k.constraint_name) \
             ON k.table_name = c.table_name AND k.column_name = c.column_name \
             WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position"
        }
    };
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.expect("the schema");
    let text = |row: &sea_orm::QueryResult, name: &str| {
        row.try_get::<Option<String>>("", name).expect("a text")
    };
    rows.iter()
        .map(|row| Column {
            table: text(row, "tbl").expect("a table"),
            name: text(row, "col").expect("a column"),
            kind: text(row, "kind").expect("a type"),
            refers_to: text(row, "parent").zip(text(row, "parent_key")),
        })
        .collect()
}

async fn count(database: &DatabaseConnection, rows: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {rows}");
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("counted").expect("a row");
    row.try_get("", "n").expect("a number")
}
