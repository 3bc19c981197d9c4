"""The pages and the workspace behind them: the only folder, with `cli`, that imports Django."""
