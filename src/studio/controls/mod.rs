//! What the user clicks and types in: panels, dialogs, the palette, fields, and messages.

pub mod confirm;
pub mod consent;
pub mod earlier;
pub mod export;
pub mod fields;
pub mod files;
pub mod hand_over;
pub mod help;
pub mod modal;
pub mod notices;
pub mod palette;
pub mod panels;
pub mod passphrase;
pub mod read_back;
pub mod signature;
pub mod theme;
pub mod trail;
pub mod widgets;
