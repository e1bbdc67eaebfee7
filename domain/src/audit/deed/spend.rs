//! What is done with the money of an organization. Calls themselves stand in its ledger.

use uuid::Uuid;

use super::deeds;
use crate::spend::{Nano, Scope};

deeds! {
    /// What is done with the money of an organization.
    SpendDeed, of an organization:
    /// A budget was set or changed.
    LimitSet { budget: Uuid, scope: Scope, subject: String, cap: Nano, before: Option<Nano> }
        = "spend.limit-set" on "budget" budget
        { "scope": scope, "subject": subject, "cap": cap, "before": before };
    /// A budget was removed.
    LimitRemoved { budget: Uuid, scope: Scope, subject: String, cap: Nano }
        = "spend.limit-removed" on "budget" budget { "scope": scope, "subject": subject, "cap": cap };
    /// A budget has crossed one of its warnings.
    Warned { budget: Uuid, percent: i16, cap: Nano, spent: Nano, held: Nano }
        = "spend.warned" on "budget" budget { "percent": percent, "cap": cap, "spent": spent, "held": held };
    /// A budget has refused a call, for the first time in its window.
    CapReached { budget: Uuid, cap: Nano, spent: Nano, held: Nano }
        = "spend.cap-reached" on "budget" budget { "cap": cap, "spent": spent, "held": held };
    /// A call has cost more than was held for it.
    Overrun { event: String, held: Nano, cost: Nano }
        = "spend.overrun" on "event" event { "held": held, "cost": cost };
    /// A price was set.
    PriceSet { price: Uuid, provider: String, item: String, unit: String }
        = "spend.price-set" on "price" price { "provider": provider, "item": item, "unit": unit };
    /// Calls were billed anew by the prices there are now.
    Corrected { checked: i64, corrected: i64, difference: Nano }
        = "spend.corrected" { "checked": checked, "corrected": corrected, "difference": difference };
}
