"""The filters file: from its text to `impact.model.Filters`, with every place kept."""
