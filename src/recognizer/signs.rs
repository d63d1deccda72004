//! Which signs are read beside the digits.

/// Which signs of numbers (`.`, `,`, `-`, `/`, `:`) are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    /// None of them.
    Ignored,
    /// Those in a row with a digit.
    #[default]
    InNumbers,
    /// Also those alone, such as a dash for "none" in a table.
    Everywhere,
}
