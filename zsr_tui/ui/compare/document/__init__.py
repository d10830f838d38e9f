"""The document under the cursor: when it is read, and how it is shown below the lists or on the whole screen."""
