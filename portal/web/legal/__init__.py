"""What legal and approvers work with: policies, drafts, classification, approval, publication."""
