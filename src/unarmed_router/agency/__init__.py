"""An agency folder: boundaries, network, profile, policy and roster of one city, as data."""
