"""What figures are made with: sheet, style, words, the bundle, choices, and what kinds of figure share."""
