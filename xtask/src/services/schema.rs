//! Roles, databases and their tables.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::Postgres;
use crate::hash;
use crate::process;
use crate::trouble::{Because, Outcome, Trouble};

/// The database that compile-time checked queries are checked against.
pub(crate) const CHECK: &str = "gatehouse_check";

/// What Postgres copies where a new database names nothing else.
pub(crate) const TEMPLATE: &str = "template1";

impl Postgres {
    /// Runs SQL as the cluster's master, from standard input: a password in it stays out of the
    /// list of processes.
    pub(crate) fn as_master(&self, database: &str, sql: &str) -> Outcome<String> {
        const OBJECT: &str = "psql";
        const NEXT: &str = "Read the log of Postgres";
        let mut child = self
            .psql("postgres", database)
            .arg("-At")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .because(OBJECT, "Install the postgresql-client package")?;
        if let Some(mut input) = child.stdin.take() {
            // A refused connection closes the pipe early; the status tells.
            let _ = input.write_all(sql.as_bytes());
        }
        let result = child.wait_with_output().because(OBJECT, NEXT)?;
        if !result.status.success() {
            let reason = String::from_utf8_lossy(&result.stderr).trim().to_owned();
            return Err(Trouble::new(OBJECT, reason, NEXT));
        }
        Ok(String::from_utf8_lossy(&result.stdout).trim().to_owned())
    }

    /// The application's role. Row-level security binds it: it is neither superuser nor
    /// BYPASSRLS. CREATEDB is for the tests, each of which gets a database of its own.
    pub(super) fn make_role(&self) -> Outcome {
        let password = &self.password;
        let sql = format!(
            "SELECT 'CREATE ROLE gatehouse' WHERE NOT EXISTS \
             (SELECT FROM pg_roles WHERE rolname = 'gatehouse') \\gexec\n\
             ALTER ROLE gatehouse LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION \
             CREATEDB PASSWORD '{password}';\n"
        );
        self.as_master("postgres", &sql).map(drop)
    }

    /// Lets the application's role make tables in the template.
    pub(crate) fn give_template(&self) -> Outcome {
        self.as_master("postgres", &format!("ALTER DATABASE {TEMPLATE} OWNER TO gatehouse;\n")).map(drop)
    }

    /// A database owned by the application's role, with nothing in it; an existing one is kept.
    pub(crate) fn make_database(&self, name: &str) -> Outcome {
        let sql = format!(
            "SELECT 'CREATE DATABASE {name} OWNER gatehouse TEMPLATE template0' WHERE NOT EXISTS \
             (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n"
        );
        self.as_master("postgres", &sql).map(drop)
    }

    /// The database for checked queries, empty and then migrated.
    pub(crate) fn remake_check_database(&self, migrations: &Path) -> Outcome {
        let sql = format!("DROP DATABASE IF EXISTS {CHECK} WITH (FORCE);\n");
        self.as_master("postgres", &sql)?;
        self.make_database(CHECK)?;
        for file in migration_files(migrations)? {
            self.apply(&file, CHECK)?;
        }
        Ok(())
    }

    /// Applies one migration as the application's role, whole or not at all.
    fn apply(&self, file: &Path, database: &str) -> Outcome {
        let text = fs::read_to_string(file).because(file.display(), "Check that file")?;
        let mut command = self.psql("gatehouse", database);
        // The same first line turns the transaction off in sqlx.
        if !text.starts_with("-- no-transaction") {
            command.arg("--single-transaction");
        }
        command.arg("-f").arg(file);
        process::output(&mut command, "Correct the migration").map(drop).map_err(|trouble| match trouble {
            Trouble::Failed { reason, next, .. } => Trouble::new(file.display(), reason, next),
            Trouble::Stopped => Trouble::Stopped,
        })
    }
}

/// The migrations in the order of their numbers.
pub(crate) fn migration_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).because(folder.display(), "Check out that folder")?;
    let mut files = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "sql"))
        .collect::<Vec<_>>();
    files.sort();
    Ok(files)
}

/// Changes when any migration does.
pub(crate) fn fingerprint(folder: &Path) -> Outcome<String> {
    let mut bytes = Vec::new();
    for file in migration_files(folder)? {
        bytes.extend_from_slice(file.as_os_str().as_encoded_bytes());
        bytes.extend(fs::read(&file).because(file.display(), "Check that file")?);
    }
    Ok(hash::of(&bytes))
}
