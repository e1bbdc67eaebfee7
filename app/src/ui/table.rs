//! Rows of a list: a real table with a caption, which becomes a column of cards on a telephone.

use leptos::prelude::*;

/// How a column is sorted at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
    /// It could be sorted, and is not.
    Unsorted,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    label: String,
    hidden: bool,
    sort: Option<(String, SortOrder)>,
}

impl Column {
    /// A column with a visible head.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), hidden: false, sort: None }
    }

    /// A column whose head only screen readers find, such as the one with a row's actions.
    #[must_use]
    pub fn unlabelled(label: impl Into<String>) -> Self {
        Self { hidden: true, ..Self::new(label) }
    }

    /// Makes the head a link that sorts by it.
    #[must_use]
    pub fn sorted(self, href: impl Into<String>, order: SortOrder) -> Self {
        Self { sort: Some((href.into(), order)), ..self }
    }
}

/// A table. The roles are spelled out because `display: block`, which makes cards of the rows, takes them away.
#[component]
pub fn Table(
    /// What the rows are; read out, and shown only where a page has several tables.
    #[prop(into)]
    caption: String,
    /// The heads of the columns.
    columns: Vec<Column>,
    /// [`Row`]s.
    children: Children,
) -> impl IntoView {
    let heads = columns.into_iter().map(head).collect_view();
    view! {
        <div class="table-frame">
            <table class="table" role="table">
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

fn head(column: Column) -> AnyView {
    let Column { label, hidden, sort } = column;
    let order = sort.as_ref().map(|(_, order)| match order {
        SortOrder::Ascending => "ascending",
        SortOrder::Descending => "descending",
        SortOrder::Unsorted => "none",
    });
    let words = match sort {
        Some((href, _)) => view! {
            <a class="table-sort" href=href>
                {label}
            </a>
        }
        .into_any(),
        None if hidden => view! { <span class="sr-only">{label}</span> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <th scope="col" role="columnheader" aria-sort=order>
            {words}
        </th>
    }
    .into_any()
}

/// A row of a [`Table`].
#[component]
pub fn Row(
    /// [`Cell`]s, one for each column.
    children: Children,
) -> impl IntoView {
    view! { <tr role="row">{children()}</tr> }
}

/// A cell of a [`Row`].
#[component]
pub fn Cell(
    /// The head of its column, which stands beside it in a card. Empty for a row's title or its actions.
    #[prop(into)]
    label: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-label=label>
            {children()}
        </td>
    }
}
