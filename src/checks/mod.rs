//! What would look wrong about a plan: rules of the trade, measured on the actual plan and its dots.
