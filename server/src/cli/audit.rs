//! `gatehouse verify-audit`: the check of the chain without the time limit of a request, for a timer of the machine.

use std::process::ExitCode;

use domain::{access::Grant, audit::service::verify_chain_of_the_site};

use super::{failed, print};
use crate::{boot, config::Config};

pub(super) async fn verify(config: &Config) -> ExitCode {
    let platform = match boot::platform(config) {
        Ok(platform) => platform,
        Err(error) => return failed(&error),
    };
    let outcome = verify_chain_of_the_site(&Grant::system(&platform, "verifying the audit trail")).await;
    platform.db().close().await;
    let report = match outcome {
        Ok(report) => report,
        Err(error) => return failed(&error),
    };
    if let Some(seq) = report.checkpoint_seq {
        print::line(&format!("Entries up to {seq} are gone under a checkpoint."));
    }
    match report.first_broken_seq {
        None if report.ok => {
            print::line(&format!("Every chain is whole: {} entries in {}.", report.entries, report.chains));
            ExitCode::SUCCESS
        }
        Some(seq) => {
            let whose = match report.organization_id {
                Some(id) => format!("the chain of the organization {id}"),
                None => "the chain".to_owned(),
            };
            print::problem(&format!(
                "{whose} is broken at entry {seq}; {} entries were good",
                report.entries
            ));
            ExitCode::FAILURE
        }
        None => {
            print::problem(&"the chain is broken");
            ExitCode::FAILURE
        }
    }
}
