"""The planner's nouns in one canonical form: facilities, people, circles, and what tables say."""
