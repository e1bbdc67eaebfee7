//! `gatehouse check-invoices`: computes every document anew without the time limit of a request, for a timer of the machine.

use std::process::ExitCode;

use domain::{access::Grant, billing::service::check_all, spend::service::Ledger};

use super::{failed, print};
use crate::{boot, config::Config};

pub(super) async fn check(config: &Config) -> ExitCode {
    let platform = match boot::platform(config) {
        Ok(platform) => platform,
        Err(error) => return failed(&error),
    };
    let outcome = check_all(&Grant::system(&platform, "checking invoices"), &Ledger).await;
    platform.db().close().await;
    let report = match outcome {
        Ok(report) => report,
        Err(error) => return failed(&error),
    };
    if report.ok {
        print::line(&format!(
            "Each of {} documents says what was recorded, no number is missing, and everything was charged.",
            report.documents
        ));
        return ExitCode::SUCCESS;
    }
    for (what, all) in [
        ("different from what was recorded", report.wrong),
        ("missing", report.missing),
        ("not charged (organization and number of its log)", report.uncharged),
    ] {
        for it in all {
            print::problem(&format!("{what}: {it}"));
        }
    }
    ExitCode::FAILURE
}
